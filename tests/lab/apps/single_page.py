"""A single-page application: every path is the same page, and the page sorts it out."""
from flask import Flask

app = Flask(__name__)


@app.get("/")
@app.get("/<path:anything>")
def page(anything=""):
    return """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Timetable</title></head>
<body><div id="app">Timetable</div></body>
</html>
"""

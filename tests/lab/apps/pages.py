"""A small site of a few pages, all in order."""
from flask import Flask

app = Flask(__name__)


@app.get("/")
@app.get("/about")
@app.get("/contact/")
def page():
    return """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Choir</title></head>
<body><h1>Choir</h1><a href="/about">About</a> <a href="/contact">Contact</a> <a href="/song.mp3">Listen</a></body>
</html>
"""


@app.get("/health")
def health():
    return "", 204

"""A page with a stylesheet and a script; paths that it does not know are its front page again."""
from flask import Flask

app = Flask(__name__)


@app.get("/")
@app.get("/<path:anything>")
def page(anything=""):
    return """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><title>The bakery</title>
<link rel="stylesheet" href="/static/bakery.css">
<script src="/assets/bakery.js"></script>
</head>
<body><h1>The bakery</h1></body>
</html>
"""

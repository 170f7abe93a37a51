"""A page with a library from somebody else's machine."""
from flask import Flask

app = Flask(__name__)


@app.get("/")
def home():
    return """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>The library</title>
<script src="https://cdn.lab.test/ajax/jquery-3.7.1.min.js"></script>
</head>
<body><h1>The library</h1></body>
</html>
"""


@app.get("/health")
def health():
    return "", 204

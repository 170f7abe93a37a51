"""Builds its own URLs with what it believes to be its scheme (http) and, in one place, with where it listens."""
from flask import Flask, url_for

app = Flask(__name__)


@app.get("/")
def home():
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><title>Village library</title>
<link rel="canonical" href="{url_for('home', _external=True)}">
<link rel="icon" href="http://127.0.0.1:8000/static/icon.png">
</head>
<body>
<h1>Village library</h1>
<a href="{url_for('books', _external=True)}">Books</a>
</body>
</html>
"""


@app.get("/books")
def books():
    return "<!doctype html><title>Books</title><p>All of them."

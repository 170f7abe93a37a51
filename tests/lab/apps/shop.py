"""An ordinary small application."""
from flask import Flask

app = Flask(__name__)


@app.get("/")
def home():
    return """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>The corner shop</title></head>
<body><h1>The corner shop</h1><p>Open from nine to six.</p></body>
</html>
"""


@app.get("/health")
def health():
    return "", 204

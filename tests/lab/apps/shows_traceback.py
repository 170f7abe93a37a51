"""Answers its errors with everything it knows about them."""
import traceback

from flask import Flask

app = Flask(__name__)


@app.errorhandler(Exception)
def show(_error):
    return "<!doctype html><title>Error</title><pre>" + traceback.format_exc() + "</pre>", 500


@app.get("/")
def home():
    raise RuntimeError("no such column: users.display_name")

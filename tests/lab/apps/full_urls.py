"""Redirects its front page to a full URL, built from what it believes its own address to be."""
from flask import Flask, redirect, url_for

app = Flask(__name__)


@app.get("/")
def front():
    return redirect(url_for("catalogue", _external=True))


@app.get("/catalogue")
def catalogue():
    return "<!doctype html><title>Catalogue</title><p>Everything we have."

"""Insists on HTTPS by itself, and does not know that a proxy stands in front of it (no ProxyFix)."""
from flask import Flask, redirect, request

app = Flask(__name__)


@app.before_request
def force_https():
    if request.scheme != "https":
        return redirect(request.url.replace("http://", "https://", 1), code=301)


@app.get("/")
def home():
    return "<!doctype html><title>Members</title><p>Hello."

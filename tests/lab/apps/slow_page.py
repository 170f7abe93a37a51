"""Answers, after a while."""
import time

from flask import Flask

app = Flask(__name__)


@app.get("/")
def home():
    time.sleep(3.2)
    return "<!doctype html><title>The archive</title><h1>The archive</h1>"


@app.get("/health")
def health():
    return "", 204

"""Fine to look at; its health path finds the database gone."""
from flask import Flask

app = Flask(__name__)


@app.get("/")
def home():
    return "<!doctype html><title>The corner shop</title><p>Open from nine to six."


@app.get("/health")
def health():
    return {"database": "unreachable"}, 503

"""Sets its cookies as if nobody listened."""
from flask import Flask, make_response

app = Flask(__name__)


@app.get("/")
def home():
    answer = make_response("<!doctype html><title>Allotments</title><p>Your plot is waiting.")
    answer.set_cookie("session", "eyJwbG90IjoxMn0.Zz4x.c2lnbmF0dXJl")
    answer.set_cookie("remember", "12", samesite="None")
    return answer

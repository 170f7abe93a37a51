"""A front page that was tidied up, and inner pages that were not. One of them is not for robots."""
from flask import Flask

app = Flask(__name__)

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1>{body}</body>
</html>
"""


@app.get("/")
def home():
    links = '<a href="/about">About</a> <a href="/programme/">Programme</a> <a href="/members/list">Members</a>'
    return PAGE.format(title="Village hall", body=links)


@app.get("/robots.txt")
def robots():
    return "User-agent: *\nDisallow: /members/\n", {"Content-Type": "text/plain"}


@app.get("/about")
def about():
    return PAGE.format(title="About", body='<a href="/">Home</a><a href="/programme/autumn">Autumn</a>')


@app.get("/programme/")
def programme():
    return PAGE.format(title="Programme", body="<p>See autumn.</p>")


@app.get("/programme/autumn")
def autumn():
    body = '<script src="http://tickets.lab.test/box.js"></script><img src="http://pictures.lab.test/hall.jpg" alt="">'
    return PAGE.format(title="Autumn", body=body)


@app.get("/members/list")
def members():
    # Whoever reads this although robots may not would have something to say about it.
    return PAGE.format(title="Members", body='<form action="http://members.lab.test/" method="post"></form>')


@app.get("/health")
def health():
    return "", 204

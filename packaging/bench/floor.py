#!/usr/bin/env python3
"""The floor: the least that a script does to keep a TAXII 2.1 collection.

It pages through the first collection of an API root, takes the value out of
each pattern with one regular expression, and upserts one row per object into
one bare SQLite table, with one durable commit a page. There is no model behind
it: no validity, no confidence, no rejects, no history, no outputs.

    floor.py URL [DATABASE] [--page 1000]

URL is the API root that loadhub prints after READY. It prints how many objects
it stored a second. It needs the package requests.
"""

import argparse
import json
import re
import sqlite3
import sys
import tempfile
import time

import requests

MEDIA_TYPE = "application/taxii+json;version=2.1"
VALUE = re.compile(r"\[([a-z0-9-]+):[^=]*= '([^']*)'\]")


def pages(session, root, limit):
    """Yields the objects of each page of the first collection."""
    collections = session.get(root + "collections/").json()["collections"]
    url = f"{root}collections/{collections[0]['id']}/objects/"
    query = {"limit": limit}
    while True:
        response = session.get(url, params=query)
        response.raise_for_status()
        envelope = json.loads(response.content)
        yield envelope.get("objects", [])
        if not envelope.get("more"):
            return
        query["next"] = envelope["next"]


def rows(objects):
    """Makes the rows of the indicators of a page."""
    for o in objects:
        match = VALUE.match(o.get("pattern", ""))
        if match:
            yield o["id"], match[1], match[2], o["modified"]


def store(database, page):
    with database:
        database.executemany(
            "INSERT INTO indicator VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
            " SET kind = excluded.kind, value = excluded.value, modified = excluded.modified"
            " WHERE excluded.modified > indicator.modified",
            rows(page),
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("database", nargs="?")
    parser.add_argument("--page", type=int, default=1000)
    args = parser.parse_args()

    directory = tempfile.TemporaryDirectory()
    database = sqlite3.connect(args.database or directory.name + "/floor.db")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(
        "CREATE TABLE IF NOT EXISTS indicator (id TEXT PRIMARY KEY, kind TEXT, value TEXT, modified TEXT)"
    )
    session = requests.Session()
    session.headers["Accept"] = MEDIA_TYPE
    session.trust_env = False  # loopback needs no proxy

    begin, objects = time.monotonic(), 0
    for page in pages(session, args.url, args.page):
        store(database, page)
        objects += len(page)
    seconds = time.monotonic() - begin
    stored = database.execute("SELECT count(*) FROM indicator").fetchone()[0]
    print(f"floor: {objects} objects in {seconds:.1f} s, {objects / seconds:.0f} objects/s, {stored} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())

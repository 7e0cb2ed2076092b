# SPDX-License-Identifier: MIT
"""Creates per second: of eight concurrent clients, relative to a C program that inserts the same rows over eight
connections; and in bulks of a thousand, relative to single ones."""

import http.client
import json
import subprocess
import time

from stack.process import Failed, environment

from .result import Result

CLIENTS = 8
BULK = 1000


def bare_inserts(stage, seconds, run):
    done = subprocess.run(
        [stage.bare_insert, stage.database.socket, stage.database.user, "curt_bare", str(CLIENTS),
         str(seconds), str(run)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**environment(), "MYSQL_PWD": stage.database.password}, check=False)
    if done.returncode != 0:
        raise Failed(f"bare_insert: {done.stderr}")
    made = json.loads(done.stdout)
    return made["links"] / made["seconds"]


def make_bare_database(stage):
    """Another database with the same tables, whose rows are not counted."""
    tables = stage.database.sql("SHOW TABLES").split()
    stage.database.sql("CREATE DATABASE curt_bare;" + "".join(
        f"CREATE TABLE curt_bare.{table} LIKE curt.{table};" for table in tables))


def create(stage, options):
    # As many workers as the C program has connections, so that as many commits share a write.
    host = stage.host("create", workers=CLIENTS)
    make_bare_database(stage)
    result = Result("create", f"creates, {CLIENTS} clients and workers, to bare INSERTs", must=0.6, aim=0.85,
                    measured_unit="/s")
    for run in range(1, options.rounds + 1):
        bare = bare_inserts(stage, options.seconds, run)
        load, cpu = stage.load(host, options.seconds, "/api/v1/urls", "create", stage.key,
                               connections=CLIENTS)
        if load.refused or load.broken:
            raise Failed(f"create: {load.refused} of {load.requests} were refused")
        result.add(load.rate, bare)
        result.add_cpu(cpu)
    return result


class Client:
    """A client with one connection, which creates links of 100 bytes."""

    def __init__(self, host, key):
        self.connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=60)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.made = 0

    def wish(self):
        self.made += 1
        return {"long_url": f"https://example.com/{id(self):020}{self.made:060}"}

    def post(self, path, body, status):
        self.connection.request("POST", path, json.dumps(body), self.headers)
        response = self.connection.getresponse()
        answer = response.read()
        if response.status != status:
            raise Failed(f"POST {path} was answered with {response.status} {answer[:300]}")
        return answer

    def singles(self, seconds):
        """Links per second, created one after the other."""
        began, n = time.monotonic(), 0
        while time.monotonic() < began + seconds:
            self.post("/api/v1/urls", self.wish(), 201)
            n += 1
        return n / (time.monotonic() - began)

    def bulks(self, seconds):
        """Links per second, a thousand in a request, without the client's time for JSON."""
        spent, n = 0.0, 0
        while spent < seconds:
            body = {"links": [self.wish() for _ in range(BULK)]}
            began = time.monotonic()
            answer = self.post("/api/v1/urls/bulk", body, 207)
            spent += time.monotonic() - began
            n += BULK
            if answer.count(b'"status":201') != BULK:
                raise Failed("bulk: not all links were created")
        return n / spent


def bulk(stage, options):
    client = Client(stage.host("local"), stage.key)
    result = Result("bulk", f"bulk of {BULK} to single creates, one client", must=20, aim=50,
                    measured_unit="/s")
    for _ in range(options.rounds):
        single = client.singles(options.seconds)
        result.add(client.bulks(options.seconds), single)
    return result

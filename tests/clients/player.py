"""player.py - what the clients of this folder have in common: a player who speaks JSON.

Each of them joins at the URL it is given, plays until it has seen UPDATES updates, leaves, and prints a
line of JSON that says what it saw; tests/flow/clients.test.mjs judges that.
"""

import json
import math
import ssl
import sys

UPDATES = 80
INPUT_S = 0.05


class Player:
    def __init__(self):
        self.entities, self.you, self.places = {}, {}, []
        self.welcome, self.tick, self.seq, self.updates, self.applied = None, None, 0, 0, 0

    @property
    def is_done(self):
        return self.updates >= UPDATES

    def take(self, text):
        """Applies a message of the server."""
        message = json.loads(text)
        if message["type"] == "welcome":
            self.welcome = message
        if message["type"] != "update":
            return
        if message.get("full"):
            self.entities.clear()
        for key, changed in message.get("put", {}).items():
            self.entities[key] = changed if "kind" in changed else {**self.entities[key], **changed}
        for key in message.get("del", []):
            del self.entities[str(key)]
        self.you.update(message.get("you", {}))
        self.tick = message["tick"]
        self.applied = message.get("ack", self.applied)
        self.updates += 1
        own = self.entities.get(str(self.you.get("id")))
        if own:
            self.places.append((own["x"], own["y"]))

    def say(self):
        """The next input: thrusts up, down, left and right in turn, for somewhere a wall may stand."""
        self.seq += 1
        buttons = 1 << self.updates * 4 // UPDATES % 4
        return json.dumps({"type": "input", "seq": self.seq, "ack": self.tick or 0, "buttons": buttons})

    def report(self, closed):
        """Prints what was seen; `closed` is the code of the close."""
        way = sum(map(math.dist, self.places, self.places[1:]))
        print(json.dumps({
            "room": self.welcome["room"], "rate": self.welcome["rate"], "updates": self.updates,
            "applied": self.applied, "way": way, "closed": closed,
        }))


def arguments():
    """The URL, and for wss:// a context that trusts the authority of the file behind it."""
    url = sys.argv[1]
    context = ssl.create_default_context(cafile=sys.argv[2]) if url.startswith("wss:") else None
    return url, context

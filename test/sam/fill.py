"""Print an event of events/ in which the ids are those of a running stack's demo.

usage: fill.py EVENT STACK, where STACK is what `local -json` has written
"""

import json
import re
import sys

event, demo = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))["demo"]

# The calendars in the file are those of live mode, so the caller is in it too.
caller = event.get("requestContext", {}).get("authorizer")
if caller:
    caller["mode"] = "live"

ids = {
    "org": demo["organization"],
    "usr": demo["users"][0],
    "cal": demo["calendars"][0],
    "evt": demo["liveEventType"],
}
print(re.sub(r"\b(org|usr|cal|evt)_[0-9A-Za-z]{20}\b", lambda m: ids[m[1]], json.dumps(event)))

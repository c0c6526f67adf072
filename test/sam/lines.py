"""Print what `make sam` serves, and lines that work when they are pasted.

usage: lines.py URL CERTIFICATE STACK, where STACK is what `local -json` has written
"""

import datetime
import json
import shlex
import sys

url, cert, demo = sys.argv[1], sys.argv[2], json.load(open(sys.argv[3]))["demo"]

day = datetime.date.today() + datetime.timedelta(days=1)
while day.weekday() > 4:  # the demo works from Monday to Friday
    day += datetime.timedelta(days=1)
event_type = demo["testEventType"]
booking = {
    "eventTypeId": event_type,
    "start": f"{day}T10:00:00Z",
    "attendee": {"name": "Grace", "email": "grace@example.com", "timeZone": "Europe/Berlin"},
}
curl = f"curl --cacert {shlex.quote(cert)} -u :{demo['testKey']} {url}/v1"

print(
    f"""
sam local serves Keyslot at {url}. Ctrl-C ends it.

  organization     {demo["organization"]}
  users            {" ".join(demo["users"])}
  event type       {demo["liveEventType"]} (live), {event_type} (test)
  test key         {demo["testKey"]}
  live keys        {demo["importedLive"]} (imported)
                   {demo["owner"]} (owner)
                   {demo["reader"]} (may only read)

Try it; the first call of each function starts its container:

  {curl}/me
  {curl}/event-types/{event_type}/slots -G -d from={day}T00:00:00Z -d to={day}T23:59:59Z -d timeZone=Europe/Berlin
  {curl}/bookings -d {shlex.quote(json.dumps(booking))}
  {curl}/bookings
""",
    flush=True,
)

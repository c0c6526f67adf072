package dynamo

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyslot/shared/ids"
	"keyslot/shared/principal"
)

// This file is the whole key design; no other spells a key. Scan is used nowhere.
//
// Credentials, the authorizer's table. A request costs one GetItem, whatever the
// form of its credential:
//
//	pk
//	KEY#<key>       an own key            get by the id in its value; gsi1 T, <id>: list
//	VALUE#<lookup>  an imported value     get by its keyed hash; gsi1 as above
//	KEY#<key>       an imported key       get by id: where its value is
//	COUNT#<org>     how many keys an organization has, in both modes
//
// Scheduling. Every key begins with organization and mode, T = ORG#<org>#<mode>: no
// query can cross a tenant, or mix test with live.
//
//	pk                  sk                 access
//	T                   ORG                the organization: get
//	T                   USER#<user>        get
//	T                   AUDIT#<event>      query the prefix: list, oldest first
//	T                   EVENTTYPE#<id>     get; query the prefix: list, oldest first
//	T                   SLUG#<slug>        put if absent: one event type a slug
//	T#HOST#<user>       CALENDAR#<id>      query the prefix CALENDAR: all of a user,
//	T#HOST#<user>       CALENDARDEFAULT    … and which one is the default
//	T#HOST#<user>       DAY#<date>         ledger; query a range of days
//	T#BOOKING#<id>      BOOKING            get; gsi1 T#BOOKINGS, <start>#<id>: list by time
//	T#IDEMPOTENCY#<id>  IDEMPOTENCY        get
//	T#OUTBOX#<event>    OUTBOX             read by the stream
type key struct{ pk, sk string }

// Names of attributes that keys, conditions and the tables' settings mention.
const (
	attrPK        = "pk"
	attrSK        = "sk"
	attrGSI1PK    = "gsi1pk"
	attrGSI1SK    = "gsi1sk"
	attrVersion   = "version"
	attrExpiresAt = "expiresAt" // Unix seconds; the tables delete some time after
	gsi1          = "gsi1"
)

// Prefixes of sort keys that queries name.
const (
	prefixEventType = "EVENTTYPE#"
	prefixCalendar  = "CALENDAR"
	prefixDay       = "DAY#"
)

func tenantPK(t principal.Tenant) string { return "ORG#" + t.Org + "#" + string(t.Mode) }

func hostPK(t principal.Tenant, user string) string { return tenantPK(t) + "#HOST#" + user }

func bookingsPK(t principal.Tenant) string { return tenantPK(t) + "#BOOKINGS" }

func organizationKey(t principal.Tenant) key { return key{tenantPK(t), "ORG"} }

func userKey(t principal.Tenant, id string) key { return key{tenantPK(t), "USER#" + id} }

func eventTypeKey(t principal.Tenant, id string) key { return key{tenantPK(t), prefixEventType + id} }

func slugKey(t principal.Tenant, slug string) key { return key{tenantPK(t), "SLUG#" + slug} }

func calendarKey(t principal.Tenant, user, id string) key {
	return key{hostPK(t, user), prefixCalendar + "#" + id}
}

func defaultCalendarKey(t principal.Tenant, user string) key {
	return key{hostPK(t, user), prefixCalendar + "DEFAULT"}
}

func dayKey(t principal.Tenant, host string, day int64) key {
	return key{hostPK(t, host), prefixDay + time.Unix(day, 0).UTC().Format(time.DateOnly)}
}

func bookingKey(t principal.Tenant, id string) key {
	return key{tenantPK(t) + "#BOOKING#" + id, "BOOKING"}
}

func idempotencyKey(t principal.Tenant, id string) key {
	return key{tenantPK(t) + "#IDEMPOTENCY#" + id, "IDEMPOTENCY"}
}

func outboxKey(t principal.Tenant, event string) key {
	return key{tenantPK(t) + "#OUTBOX#" + event, "OUTBOX"}
}

// byStart is the sort key of a booking in gsi1.
func byStart(start time.Time, id string) string {
	return start.UTC().Format(time.RFC3339) + "#" + id
}

// idInByStart returns the id in what byStart returned.
func idInByStart(sk string) (id string, ok bool) {
	_, id, _ = strings.Cut(sk, "#")
	return id, ids.Is(ids.Booking, id)
}

func auditKey(t principal.Tenant, id string) key { return key{tenantPK(t), "AUDIT#" + id} }

func countPK(org string) string { return "COUNT#" + org }

func credentialPK(keyID, lookup string) string {
	if lookup != "" {
		return "VALUE#" + lookup
	}
	return "KEY#" + keyID
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func (k key) attributes() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attrPK: text(k.pk), attrSK: text(k.sk)}
}

package main

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// addClaims adds tokens with claims that the service would never sign (RFC 8725, sections 3.8 to 3.10; RFC 9068, section 4).
func (f *forger) addClaims(all attacks) {
	f.addOddClaims(all)
	f.addUsers(all)
	f.addTimes(all)
	f.addRawClaims(all)
}

// unreadable is the reason for a claim of the wrong type.
const unreadable = "the payload is not one JSON object"

func (f *forger) addOddClaims(all attacks) {
	for claim, reason := range map[string]string{
		"iss": "the iss is missing", "aud": "the aud is missing", "sub": "the sub is missing",
		"jti": "the jti is missing", "sid": "the sid is missing",
	} {
		all.add(reason, map[string]string{
			claim + " absent": f.withClaims(members{claim: nil}),
			claim + " empty":  f.withClaims(members{claim: ""}),
		})
		all.add(unreadable, map[string]string{
			claim + " an array":  f.withClaims(members{claim: []any{f.payload[claim]}}),
			claim + " an object": f.withClaims(members{claim: members{"canary": f.payload[claim]}}),
			claim + " a number":  f.withClaims(members{claim: 1}),
			claim + " true":      f.withClaims(members{claim: true}),
		})
		all.add(reason, map[string]string{claim + " null": f.withRaw(claim, "null")})
	}
	all.add("the iss is missing or not ours", map[string]string{
		"iss of another":    f.withClaims(members{"iss": "https://canary.example"}),
		"iss in upper case": f.withClaims(members{"iss": "POSTERN"}),
		"iss with a slash":  f.withClaims(members{"iss": "postern/"}),
	})
	all.add("the aud is missing or not exactly ours", map[string]string{
		"aud of another": f.withClaims(members{"aud": "canary"}),
	})
	all.add(unreadable, map[string]string{"aud of two": f.withClaims(members{"aud": []string{"postern", "canary"}})})
	all.add("the jti is missing or too long", map[string]string{
		"jti too long": f.withClaims(members{"jti": strings.Repeat("j", 65)}),
	})
	all.add("the sid is missing or too long", map[string]string{
		"sid too long": f.withClaims(members{"sid": strings.Repeat("s", 65)}),
	})
}

func (f *forger) addUsers(all attacks) {
	as := func(sub string, id any) string { return f.withClaims(members{"sub": sub, "user_id": id}) }
	all.add("the user_id is missing or out of range", map[string]string{
		"user_id absent": f.withClaims(members{"user_id": nil}), "user_id null": f.withRaw("user_id", "null"),
		"user_id 0":        as("0", 0),
		"user_id negative": as("-1", -1), "user_id above all": as("9007199254740992", 1<<53),
		"user_id the largest": as("9223372036854775807", math.MaxInt64),
	})
	all.add(unreadable, map[string]string{
		"user_id a string": as("1", "1"), "user_id a float": f.withRaw("user_id", "1.0"),
		"user_id with an exponent": f.withRaw("user_id", "1e0"),
		"user_id huge":             f.withRaw("user_id", "18446744073709551617"), "user_id infinite": f.withRaw("user_id", "1e999"),
		"user_id an array":  as("1", []int{1}),
		"user_id an object": as("1", members{"id": 1}), "user_id true": as("1", true), "user_id SQL": as("1", "1 OR 1=1"),
	})
	all.add("the sub is missing or not the user_id", map[string]string{
		"sub of another": f.withClaims(members{"sub": "2"}), "user_id of another": f.withClaims(members{"user_id": 2}),
		"sub with a zero": as("01", 1),
		"sub with a sign": as("+1", 1), "sub a float": as("1.0", 1), "sub an address": as(ada, 1),
		"sub behind a space": as(" 1", 1),
	})
	all.add("the account is gone", map[string]string{
		"an unknown user": as("999", 999), "the last user there can be": as("9007199254740991", 1<<53-1),
	})
}

func (f *forger) addTimes(all attacks) {
	now := time.Now()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	life := func(iat, exp time.Duration) string {
		return f.withClaims(members{"iat": at(iat), "nbf": at(iat), "exp": at(exp)})
	}
	for _, claim := range []string{"iat", "nbf", "exp"} {
		text := string(f.payload[claim].(json.Number))
		all.add("the iat, nbf or exp is missing or out of range", map[string]string{
			claim + " absent": f.withClaims(members{claim: nil}), claim + " null": f.withRaw(claim, "null"),
			claim + " 0":                f.withRaw(claim, "0"),
			claim + " negative":         f.withRaw(claim, "-"+text),
			claim + " beyond all dates": f.withRaw(claim, strconv.FormatInt(math.MaxInt64, 10)),
		})
		all.add(unreadable, map[string]string{
			claim + " a string": f.withRaw(claim, `"`+text+`"`), claim + " a float": f.withRaw(claim, text+".5"),
			claim + " with an exponent": f.withRaw(claim, "1e300"),
			claim + " an array":         f.withRaw(claim, "["+text+"]"), claim + " true": f.withRaw(claim, "true"),
		})
	}
	all.add("the iat, nbf or exp is missing or out of range", map[string]string{
		"milliseconds": f.withRaw("exp", strconv.FormatInt(now.UnixMilli(), 10)),
	})
	all.add("the time from iat to exp is not a valid lifetime", map[string]string{
		"a year": life(0, 365*24*time.Hour), "a second too long": life(0, time.Hour+time.Second), "none": life(0, 0),
		"less than none":       life(0, -time.Minute),
		"exp of the year 9999": f.withRaw("exp", "253402300799"),
	})
	all.add("the token has expired", map[string]string{
		"expired": life(-31*time.Minute, -time.Minute), "expired just now": life(-30*time.Minute, 0),
	})
	all.add("the iat is in the future", map[string]string{"iat in the future": life(2*time.Minute, 20*time.Minute)})
	all.add("the nbf is in the future", map[string]string{
		"nbf in the future": f.withClaims(members{"nbf": at(2 * time.Minute)}),
	})
}

// addRawClaims adds payloads that different parsers may read differently.
func (f *forger) addRawClaims(all attacks) {
	payload := f.payload.json()
	head := f.header.json()
	twice := map[string]string{}
	for name, value := range map[string]string{"user_id": "2", "sub": `"2"`, "exp": "253402300799", "sid": `"canary"`, "aud": `"canary"`} {
		twice[name+" twice, first"] = f.raw(head, `{"`+name+`":`+value+`,`+payload[1:])
		twice[name+" twice, last"] = f.raw(head, payload[:len(payload)-1]+`,"`+name+`":`+value+`}`)
	}
	all.add(unreadable, twice)
	all.add(unreadable, map[string]string{
		"an escaped name twice": f.raw(head, `{"\u0073ub":"2",`+payload[1:]),
		"an unknown name twice": f.raw(head, `{"x":1,"x":2,`+payload[1:]),
		"null and more":         f.raw(head, "nullnull"), "an array": f.raw(head, "["+payload+"]"), "nothing": f.raw(head, ""),
		"a number":       f.raw(head, "7"),
		"text behind it": f.raw(head, payload+"canary"), "another object behind it": f.raw(head, payload+payload),
		"a comma too many": f.raw(head, payload[:len(payload)-1]+",}"),
		"a comment":        f.raw(head, "/*canary*/"+payload), "not UTF-8": f.raw(head, `{"x":"`+"\xff"+`",`+payload[1:]),
		"a lone surrogate": f.raw(head, `{"x":"\ud800",`+payload[1:]),
		"a BOM before it":  f.raw(head, "\ufeff"+payload),
		"single quotes":    f.raw(head, strings.ReplaceAll(payload, `"`, `'`)),
		"cut off":          f.raw(head, payload[:len(payload)-1]),
	})
	all.add("a claim is in the wrong case", map[string]string{
		"USER_ID beside user_id": f.withClaims(members{"USER_ID": 2}),
		"Exp beside exp":         f.withClaims(members{"Exp": 253402300799}),
		"\u017fub beside sub":    f.withClaims(members{"\u017fub": "2"}),
		"SID instead":            f.withClaims(members{"sid": nil, "SID": f.payload["sid"]}),
	})
}

// withRaw signs the payload with one claim replaced by JSON text.
func (f *forger) withRaw(claim, value string) string {
	return f.withClaims(members{claim: json.RawMessage(value)})
}

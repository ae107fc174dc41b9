package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/alecthomas/kong"
)

// refusal is an error for a setting or an argument that cannot be used. Its text names the setting and never its value.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

func refuse(variable, reason string) error { return &refusal{variable + " " + reason} }

// refuseIf returns a refusal if a setting is wrong, and otherwise nil.
func refuseIf(isWrong bool, variable, reason string) error {
	if !isWrong {
		return nil
	}
	return refuse(variable, reason)
}

// setting returns a kong mapper that reads a flag or its variable with parse. kong's own mappers repeat a text that they cannot
// read, which may be a secret. The errors of parse only say what is accepted.
func setting[T any](parse func(text string) (T, error)) kong.MapperFunc {
	return taggedSetting(func(text string, _ *kong.Tag) (T, error) { return parse(text) })
}

// taggedSetting is setting for a parser that needs the tag of the field, for example its bounds.
func taggedSetting[T any](parse func(text string, tag *kong.Tag) (T, error)) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		variable := shownName(ctx.Value)
		token, err := ctx.Scan.PopValue("value")
		text, isText := token.Value.(string)
		if err != nil || !isText {
			return refuse(variable, "needs a value")
		}
		value, err := parse(text, ctx.Value.Tag)
		if err != nil {
			return refuse(variable, err.Error())
		}
		target.Set(reflect.ValueOf(value).Convert(target.Type()))
		return nil
	}
}

// shownName returns the name of an argument, an option or a setting for messages.
func shownName(value *kong.Value) string {
	name := value.ShortSummary() // <name> or --name
	if value.Flag == nil || !isSetting(value.Flag) {
		return name
	}
	return variableOf(value.Name) + " (" + name + ")"
}

func parseAddress(text string) (string, error) {
	host, err := hostOf(text)
	if err != nil || strings.ContainsFunc(host, notInHost) {
		return "", errors.New("must be a host and a port from 0 to 65535, such as 127.0.0.1:8080 or :8080")
	}
	return text, nil
}

// hostOf returns the host of an address with a numeric port.
func hostOf(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	return host, err
}

func notInHost(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-:%_", r)
}

// parseLoopback accepts an address that only this machine can reach.
func parseLoopback(text string) (string, error) {
	host, err := hostOf(text)
	if err != nil || !isLoopback(host) {
		return "", errors.New("must be a loopback address, such as 127.0.0.1:6060: profiles contain secrets")
	}
	return text, nil
}

func isLoopback(host string) bool {
	ip, _ := netip.ParseAddr(host)
	return host == "localhost" || ip.IsLoopback()
}

func parsePublicURL(text string) (string, error) {
	if !isOrigin(text) || len(text) > 2000 {
		return "", errors.New("must be a scheme and a host, such as https://api.example.com: lower case, no path, no default port")
	}
	return text, nil
}

func parseOrigins(text string) ([]string, error) {
	var origins []string
	for part := range strings.SplitSeq(text, ",") {
		origin := strings.TrimSpace(part)
		if origin == "" {
			continue
		}
		if !isOrigin(origin) {
			return nil, errors.New("must be origins as browsers send them, separated by commas, such as " +
				"https://app.example,http://localhost:3000: lower case, no path, no default port, no *")
		}
		origins = append(origins, origin)
	}
	return origins, nil
}

// isOrigin reports whether a browser could send the text as the Origin (RFC 6454, section 6.2) of a web page.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(text, "*") || text != strings.ToLower(text) {
		return false
	}
	defaults := map[string]string{"http": "80", "https": "443"}
	port, known := defaults[u.Scheme]
	_, portErr := strconv.ParseUint(cmp.Or(u.Port(), "1"), 10, 16)
	return known && u.Port() != port && portErr == nil && !strings.HasSuffix(u.Host, ":") &&
		!strings.ContainsFunc(u.Hostname(), notInHost) && text == u.Scheme+"://"+u.Host
}

func parsePrefixes(text string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		prefix, err := netip.ParsePrefix(part)
		if address, addressErr := netip.ParseAddr(part); err != nil && addressErr == nil {
			prefix, err = address.Prefix(address.BitLen())
		}
		if err != nil {
			return nil, errors.New("must be addresses or networks, separated by commas, such as 10.0.0.0/8,192.0.2.1")
		}
		if address := prefix.Addr(); address.Is4In6() && prefix.Bits() >= 96 {
			prefix = netip.PrefixFrom(address.Unmap(), prefix.Bits()-96) // it is compared with unmapped addresses
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes, nil
}

func parsePeriod(text string, tag *kong.Tag) (time.Duration, error) {
	shortest, longest := mustPeriod(tag.Get("min")), mustPeriod(tag.Get("max"))
	period, err := time.ParseDuration(text)
	if err != nil || period < shortest || period > longest {
		return 0, fmt.Errorf("must be a time from %s to %s", tag.Get("min"), tag.Get("max"))
	}
	if step := tag.Get("step"); step != "" && period%mustPeriod(step) != 0 {
		return 0, fmt.Errorf("must be a multiple of %s", step)
	}
	return period, nil
}

func mustPeriod(text string) time.Duration {
	period, err := time.ParseDuration(text)
	if err != nil {
		panic(err) // the text is a struct tag in this package
	}
	return period
}

func parseNumber(text string, tag *kong.Tag) (int, error) {
	lowest, _ := tag.GetInt("min")
	highest, _ := tag.GetInt("max")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < lowest || n > highest {
		return 0, fmt.Errorf("must be a whole number from %d to %d", lowest, highest)
	}
	return int(n), nil
}

func parseChoice(text string, tag *kong.Tag) (string, error) {
	choices := strings.Split(tag.Get("choices"), "|")
	if !slices.Contains(choices, text) {
		return "", fmt.Errorf("must be one of %s", strings.Join(choices, ", "))
	}
	return text, nil
}

const maxName = 255

func parseName(text string) (string, error) {
	if text == "" || len(text) > maxName || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("must be 1 to %d visible ASCII characters", maxName)
	}
	return text, nil
}

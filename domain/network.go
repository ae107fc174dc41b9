package domain

import "net/netip"

// Network is the part of a client's address that the client cannot choose: a whole IPv4 address, or the first 64 bits of an
// IPv6 address. Clients are counted and queued by it. It is empty if the address is unknown.
type Network string

// Network returns the network of the client's address.
func (c Client) Network() Network {
	address, err := netip.ParseAddr(c.IP)
	if err != nil {
		return ""
	}
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return Network(address.String())
	}
	return Network(netip.PrefixFrom(address, 64).Masked().String())
}

// Package loopback tells addresses of this machine from those of others.
package loopback

import "net"

// Is reports whether a host, without its port, is this machine: an address such as
// 127.0.0.1 or ::1, or the name localhost. No name is looked up.
func Is(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

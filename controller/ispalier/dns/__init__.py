"""The domain name system: zones and rrsets on PowerDNS."""

"""What stands for an address in limits, and which addresses are of this machine."""

import pytest

from onstreet.access.addresses import counted, is_loopback

ADDRESSES = [
    ("203.0.113.7", "203.0.113.7", False),
    ("127.9.9.9", "127.9.9.9", True),
    ("::ffff:203.0.113.7", "203.0.113.7", False),
    ("::ffff:7f00:1", "127.0.0.1", True),
    ("2001:db8:0:0:1::1", "2001:db8::/64", False),
    ("fe80::1%eth0", "fe80::/64", False),
    ("::1", "::/64", True),
    ("0.0.0.0", "0.0.0.0", False),
    ("::", "::/64", False),
    ("unknown", "unknown", False),
    ("", "", False),
    ("x" * 100, "x" * 64, False),
]


@pytest.mark.parametrize("address, stands_for, is_here", ADDRESSES)
def test_addresses(address, stands_for, is_here):
    assert (counted(address), is_loopback(address)) == (stands_for, is_here)

"""Hostile callback URLs: what is refused, what is allowed, and that there is only one reading."""

import ipaddress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raincheck.adapters.webhooks.addresses import is_public
from raincheck.adapters.webhooks.allowed_urls import CallbackHosts, UrlRefused

ANY = CallbackHosts(["*", "*:8443"], development=False)
LISTED = CallbackHosts(
    ["hooks.example.com", "*.Example.org", "other.example:8443", "[2606:4700::1]", "9.9.9.9"],
    development=False,
)
LOCAL = CallbackHosts([], development=True)

HOSTILE = [
    "",
    "https://",
    "https:///path",
    "http://hooks.example.com/",
    "ftp://hooks.example.com/",
    "javascript:alert(1)",
    "//hooks.example.com/",
    "https:hooks.example.com",
    "https:/hooks.example.com",
    "https:\\\\hooks.example.com\\",
    "https://hooks.example.com\\@evil.example/",
    "https://user@hooks.example.com/",
    "https://user:pass@hooks.example.com/",
    "https://hooks.example.com@evil.example/",
    "https://hooks.example.com#@evil.example/",
    "https://hooks.example.com/#fragment",
    "https://hooks.example.com/ a",
    "https://hooks.example.com/\r\nX: y",
    "https://hooks.example.com/\t",
    "https://hooks.example.com/ü",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:65536/",
    "https://hooks.example.com:+443/",
    "https://hooks.example.com:\u0664\u0664\u0663/",
    "https://hooks.example.com:443:443/",
    "https://hooks..example.com/",
    "https://.hooks.example.com/",
    "https://hooks.example.com../",
    "https://hooks_example,com/",
    "https://hooks%2eexample.com/",
    "https://%31%32%37.0.0.1/",
    "https://localhost/",
    "https://localhost./",
    "https://LOCALHOST/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1./",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://00000177.0.0.1/",
    "https://127.0.0.01/",
    "https://0/",
    "https://0x/",
    "https://a.0x7f/",
    "https://1.2.3.4.5/",
    "https://256.1.1.1/",
    "https://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
    "https://127\u30020\u30020\u30021/",
    "https://loc\u00adalhost/",
    "https://\u2113ocalhost/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:9.9.9.9]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::909:909]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:1::1]/",
    "https://[2001:db8::1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[2606:4700::1%eth0]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[::1]:443@evil.example/",
    "https://[2606:4700::1/",
    "https://2606:4700::1/",
    "https://[v1.a]/",
    "https://10.0.0.1/",
    "https://100.64.0.1/",
    "https://100.100.100.200/",
    "https://168.63.129.16/",
    "https://169.254.169.254/latest/meta-data",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://192.0.0.192/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://0.0.0.0/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_url_is_refused_even_where_any_host_is_allowed(url):
    """The list is about names; what an address is does not depend on it."""
    with pytest.raises(UrlRefused):
        ANY.target(url)


@pytest.mark.parametrize(
    "url", [*HOSTILE, "https://evil.example/", "https://hooks.example.com.evil.example/"]
)
def test_a_hostile_url_is_refused_by_a_list(url):
    """Nothing that only looks like a listed host passes."""
    with pytest.raises(UrlRefused):
        LISTED.target(url)


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://hooks.example.com", "hooks.example.com", 443, "/"),
        ("HTTPS://HOOKS.example.COM./a%20b?c=@d:/", "hooks.example.com", 443, "/a%20b?c=@d:/"),
        ("https://hooks.example.com?x", "hooks.example.com", 443, "/?x"),
        ("https://a.b.example.org:443/", "a.b.example.org", 443, "/"),
        ("https://bücher.example.org/", "xn--bcher-kva.example.org", 443, "/"),
        ("https://other.example:8443/", "other.example", 8443, "/"),
        ("https://[2606:4700:0:0::1]/", "2606:4700::1", 443, "/"),
        ("https://9.9.9.9/", "9.9.9.9", 443, "/"),
    ],
)
def test_what_is_listed_is_allowed_and_read_in_one_way(url, host, port, path):
    """What is called is what was checked."""
    target = LISTED.target(url)
    assert (target.host, target.port, target.path) == (host, port, path)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/",
        "https://notexample.org/",
        "https://hooks.example.com:8443/",
        "https://other.example/",
        "https://sub.hooks.example.com/",
    ],
)
def test_what_is_next_to_the_list_is_refused(url):
    """A pattern says exactly what it says: host and port."""
    with pytest.raises(UrlRefused, match="list"):
        LISTED.target(url)


def test_an_empty_list_allows_nothing():
    """An app whose owner said nothing posts nowhere."""
    with pytest.raises(UrlRefused):
        CallbackHosts([], development=False).target("https://hooks.example.com/")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/a", "http://localhost:9/", "https://[::1]:9/", "http://127.9.9.9/"]
)
def test_in_development_this_machine_may_be_called(url):
    """Receivers are tried out on a laptop."""
    assert LOCAL.target(url).loopback


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "https://localhost/", "https://127.0.0.1/"])
def test_elsewhere_this_machine_may_not_be_called_even_when_listed(url):
    """What listens there was not made for callers."""
    hosts = CallbackHosts(["127.0.0.1", "127.0.0.1:9"], development=False)
    with pytest.raises(UrlRefused):
        hosts.target(url)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "https://10.0.0.1/", "http://hooks.example.com/", "http://0/"]
)
def test_in_development_nothing_else_is_allowed(url):
    """A laptop's network is no place for callbacks either."""
    with pytest.raises(UrlRefused):
        LOCAL.target(url)


def test_a_refusal_and_a_target_repeat_nothing_of_the_url():
    """URLs of callbacks hold secrets of their receivers, and texts end in logs."""
    with pytest.raises(UrlRefused) as refused:
        LISTED.target("https://evil.example/hook?sig=s3cret")
    assert "s3cret" not in str(refused.value)
    assert "s3cret" not in repr(LISTED.target("https://hooks.example.com/hook?sig=s3cret"))


SCHEMES = st.sampled_from(["https://", "https:", "http://", "HTTPS://", "https:/\\", ""])
PARTS = st.text(alphabet=st.sampled_from("aA0179fxX.:@/\\?#[]%-_ \t\u3002\uff10é1"), max_size=24)


@given(scheme=SCHEMES, rest=PARTS)
def test_whatever_passes_is_read_alike_by_another_parser(scheme, rest):
    """A difference between two parsers is how an address is smuggled past a check."""
    try:
        target = ANY.target(scheme + rest)
    except UrlRefused:
        return
    other = httpx.URL(f"{target.scheme}://{target.authority}{target.path}")
    assert (other.raw_host.decode(), other.port or 443, other.userinfo, other.fragment) == (
        target.host,
        target.port,
        b"",
        "",
    )


@given(st.ip_addresses(v=4))
def test_spellings_of_an_ipv4_address_never_reach_what_is_not_public(address):
    """Decimal, octal and hexadecimal spellings are refused, the plain one is judged."""
    number = int(address)
    for host in (str(number), hex(number), oct(number).replace("0o", "0"), f"0{address}", f"{address}.1"):
        with pytest.raises(UrlRefused):
            ANY.target(f"https://{host}/")
    if is_public(address):
        assert ANY.target(f"https://{address}/").address == address
    else:
        with pytest.raises(UrlRefused):
            ANY.target(f"https://{address}/")


@given(st.ip_addresses())
def test_public_is_never_what_python_calls_private(address):
    """Our lists are at least as strict as the registry that Python knows."""
    if is_public(address):
        assert address.is_global
        judgements = (address.is_private, address.is_loopback, address.is_link_local, address.is_multicast)
        assert not any(judgements)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_an_ipv6_one_is_refused(address):
    """Mapped, translated and tunnelled addresses would reach the IPv4 network unjudged."""
    number = int(address)
    for prefix in ("::ffff:0:0", "::", "64:ff9b::"):
        assert not is_public(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | number))
    assert not is_public(ipaddress.IPv6Address(int(ipaddress.IPv6Address("2002::")) | number << 80))

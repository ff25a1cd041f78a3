from __future__ import annotations

from actors.outputs.xml_text import sound, xml_text


def test_what_xml_cannot_carry_is_dropped() -> None:
    assert sound("a\x00b\x1fc\ud800d\ufffee\uffff\tf\U0001f600") == "abcde\tf\U0001f600"


def test_what_means_something_is_escaped() -> None:
    assert xml_text("<a href=\"x\" b='y'> &amp;") == "&lt;a href=&quot;x&quot; b=&#x27;y&#x27;&gt; &amp;amp;"

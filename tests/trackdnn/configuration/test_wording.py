from trackdnn.configuration.wording import first_line, printable, short


class Unwritable:
    def __repr__(self):
        raise KeyError


def test_short_bounds_what_is_shown():
    assert short("a") == "'a'"
    assert len(short("a" * 1000)) == 80


def test_short_shows_what_cannot_be_written():
    assert short(Unwritable()) == "a value of type Unwritable"
    assert short(1 << 100_000) == "a value of type int"


def test_first_line_is_never_empty():
    assert first_line(ValueError("a\nb")) == "a"
    assert first_line(KeyError()) == "KeyError"


def test_printable_escapes_what_a_terminal_obeys():
    assert printable("a.é") == "a.é"
    assert printable("a\x1b[1m\n") == "a\\x1b[1m\\n"
    assert len(printable("a" * 1000)) == 200

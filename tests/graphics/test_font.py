"""The font: the module is what its generator makes of the pictures, and the computed glyphs join."""

from scarlet.cli import font


def test_the_module_is_fresh() -> None:
    assert font.TARGET.read_text() == font.module(), "run python -m scarlet.cli.font"


def test_lines_reach_the_edges_that_their_neighbours_begin_at() -> None:
    glyphs = font.glyphs()
    left = {character: [row & 0x80 > 0 for row in rows] for character, rows in glyphs.items()}
    right = {character: [row & 1 > 0 for row in rows] for character, rows in glyphs.items()}
    for light, double in (("─┬┴┼", "═╦╩╬"),):
        for family in (light, double):
            assert all(left[one] == right[other] for one in family for other in family)
    assert all(glyphs[one][15] == glyphs[other][0] for one in "│├┤┼┬" for other in "│├┤┼┴")
    assert all(glyphs[one][15] == glyphs[other][0] for one in "║╠╣╬╦" for other in "║╠╣╬╩")
    assert glyphs["┌"][0] == 0 and glyphs["┘"][15] == 0
    assert not any(left["┌"]) and not any(right["┘"])


def test_accents_do_not_hide_letters() -> None:
    glyphs = font.glyphs()
    for accented, letter in ("Éé", "Ee"), ("ÄÖÜäöü", "AOUaou"), ("ñç", "nc"):
        for one, other in zip(accented, letter, strict=False):
            base = glyphs["E" if other == "e" and one == "É" else other]
            assert all(whole & part == part for whole, part in zip(glyphs[one], base, strict=True))
            assert glyphs[one] != base

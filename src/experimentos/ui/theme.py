"""The mark of the app; colours and sizes are in .streamlit/config.toml."""

import streamlit as st

_INK = {"light": "#141c2b", "dark": "#e8ecf3"}
_BLUE = {"light": "#2148a8", "dark": "#6f98fb"}
_PAPER = {"light": "#ffffff", "dark": "#10141b"}

# Three intervals and a line at no effect: a forest plot in 24 pixels.
_MARK = (
    '<rect width="24" height="24" rx="6" fill="{blue}"/>'
    '<g stroke="{paper}" stroke-width="1.7" stroke-linecap="round" fill="{paper}">'
    '<path d="M8 4.5v15" opacity=".45"/>'
    '<path d="M10.5 7h9M6 12h8M11.5 17h7"/>'
    '<circle cx="15" cy="7" r="1.2"/><circle cx="10" cy="12" r="1.2"/>'
    '<circle cx="15" cy="17" r="1.2"/></g>'
)
# The length is fixed: whatever font the reader's machine has, no letter is cut off.
_WORDS = (
    '<text x="33" y="17.5" font-size="15.5" font-weight="600" fill="{ink}" textLength="106" '
    'lengthAdjust="spacingAndGlyphs" '
    'font-family="Helvetica, Arial, sans-serif">'
    'Experiment<tspan fill="{blue}">OS</tspan></text>'
)


def draw_logo() -> None:
    """Draw the mark and the name above the menu, in the colours of the reader's theme."""
    kind = "dark" if st.context.theme.type == "dark" else "light"
    colours = {"ink": _INK[kind], "blue": _BLUE[kind], "paper": _PAPER[kind]}
    st.logo(
        _svg(_MARK + _WORDS, 142).format(**colours),
        size="large",
        icon_image=_svg(_MARK, 24).format(**colours),
    )


def _svg(content: str, width: int) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 24"'
    return f'{head} width="{width}" height="24">{content}</svg>'

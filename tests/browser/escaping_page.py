"""A page that shows every payload as the screens show a person's text."""

import json
from pathlib import Path

import streamlit as st

from experimentos.ui import format as fmt

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "markup" / "payloads.json"

for payload in json.loads(REFERENCE.read_text())["payloads"]:
    with st.container(key=f"payload-{payload['id']}"):
        st.markdown(fmt.plain(payload["payload"]))
st.title("All shown")

/* The factor board: cards in groups, moved by mouse, keyboard or buttons. Every text from a person
   goes through textContent or a field's value; nothing is written as markup. */
const TONES = ["blue", "gray", "green", "orange", "violet", "yellow", "red"];
const MARKS = { error: "red", warning: "orange", ok: "green", note: "blue" };

const DOUBLE_CLICK_MS = 250;

export default function (component) {
  const root = component.parentElement.querySelector(".board");
  root.latest = component;
  // A name that is being typed is not torn away by an update: the board is drawn when it is left.
  if (!root.querySelector(".field")) draw(root);
}

function draw(root) {
  const { data, parentElement, setTriggerValue } = root.latest;
  const held = focusOf(parentElement);
  const send = (event) => setTriggerValue("event", event);
  root.replaceChildren();
  if (!data.groups.length) root.append(made("div", "empty", data.empty));
  for (const group of data.groups) root.append(section(group, data, send, root));
  const spoken = made("div", "spoken");
  spoken.setAttribute("aria-live", "polite");
  root.append(spoken);
  restore(root, held);
}

function made(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}

function icon(name) {
  const node = made("span", "icon", name);
  node.setAttribute("aria-hidden", "true");
  node.translate = false;
  return node;
}

function focusOf(place) {
  const active = place.activeElement ?? document.activeElement;
  const card = active?.closest?.(".card");
  return card ? { key: card.dataset.key, part: active.dataset?.part ?? "" } : null;
}

function restore(root, held) {
  if (!held) return;
  const card = [...root.querySelectorAll(".card")].find((c) => c.dataset.key === held.key);
  const part = card && held.part ? card.querySelector(`[data-part="${CSS.escape(held.part)}"]`) : null;
  (part && !part.disabled ? part : card)?.focus({ preventScroll: true });
}

function section(group, data, send, root) {
  const box = made("section", "group");
  box.style.setProperty("--cards", String(Math.min(group.cards.length, 2)));
  const head = made("h4", "", `${group.title} `);
  head.append(made("span", "count", `(${group.cards.length})`));
  const list = made("ul", "cards");
  list.setAttribute("aria-label", group.title);
  group.cards.forEach((card, place) => {
    list.append(drawn(card, place, group, { data, send, list, root }));
  });
  box.append(head, list);
  return box;
}

function drawn(card, place, group, around) {
  const node = made("li", "card");
  const tone = TONES.includes(card.tone) ? card.tone : "gray";
  node.style.setProperty("--tone", `var(--st-${tone}-color)`);
  node.style.setProperty("--tone-back", `var(--st-${tone}-background-color)`);
  node.style.setProperty("--tone-text", `var(--st-${tone}-text-color)`);
  node.dataset.key = card.key;
  node.tabIndex = 0;
  node.setAttribute("aria-current", String(card.key === around.data.selected));
  node.setAttribute("aria-label", `${card.kind}: ${card.name}. ${card.lines.join(". ")}. ${card.status}`);
  node.append(headOf(card), nameOf(card, around));
  card.lines.forEach((line, k) => node.append(made("div", k ? "line soft" : "line", line)));
  node.append(actions(card, place, group, around));
  node.onclick = (event) => {
    if (event.target.closest("button, input")) return;
    // The first click of a double click must not open the card before its name can be typed.
    clearTimeout(around.root.waiting);
    const select = () => around.send({ type: "select", key: card.key });
    around.root.waiting = setTimeout(select, event.target.closest(".name") ? DOUBLE_CLICK_MS : 0);
  };
  node.onkeydown = (event) => keyed(event, node, card, group, around);
  if (group.movable) draggable(node, card, group, around);
  return node;
}

function headOf(card) {
  const head = made("div", "head");
  const kind = made("span", "kind");
  kind.append(icon(card.icon), made("span", "", card.kind));
  head.append(kind);
  for (const word of card.extra) head.append(made("span", "kind", word));
  const mark = MARKS[card.mark] ?? "gray";
  const status = made("span", "status");
  status.style.setProperty("--mark-back", `var(--st-${mark}-background-color)`);
  status.style.setProperty("--mark-text", `var(--st-${mark}-text-color)`);
  status.append(icon(card.markIcon), made("span", "", card.status));
  head.append(status);
  return head;
}

function nameOf(card, around) {
  const name = made("div", "name", card.name);
  name.title = around.data.words.rename;
  name.ondblclick = () => {
    clearTimeout(around.root.waiting);
    renamed(name, card, around);
  };
  return name;
}

function renamed(name, card, around) {
  const field = made("input", "field");
  field.value = card.name;
  field.maxLength = 200;
  field.setAttribute("aria-label", around.data.words.name);
  const item = name.closest(".card");
  const leave = (isKept) => {
    field.onblur = null;
    const wanted = field.value.trim();
    field.replaceWith(name);
    item.focus({ preventScroll: true });
    if (isKept && wanted && wanted !== card.name) {
      name.textContent = wanted;
      around.send({ type: "rename", key: card.key, name: wanted });
    } else {
      draw(around.root);
    }
  };
  field.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === "Enter") leave(true);
    if (event.key === "Escape") leave(false);
  };
  field.onblur = () => leave(true);
  name.replaceWith(field);
  field.focus();
  field.select();
}

function actions(card, place, group, around) {
  const words = around.data.words;
  const row = made("div", "actions");
  const add = (part, sign, label, act, isOff = false) => {
    const button = made("button");
    button.type = "button";
    button.dataset.part = part;
    button.title = label;
    button.setAttribute("aria-label", `${label}: ${card.name}`);
    button.disabled = isOff;
    button.append(icon(sign));
    button.onclick = act;
    row.append(button);
  };
  const emit = (type) => () => around.send({ type, key: card.key });
  add("edit", "edit", words.edit, emit("edit"));
  add("ask", "forum", words.ask, emit("ask"));
  if (card.isCopyable) add("duplicate", "content_copy", words.duplicate, emit("duplicate"));
  add("delete", "delete", words.delete, emit("delete"));
  if (group.movable && group.cards.length > 1) {
    const item = () => row.closest(".card");
    add("up", "arrow_upward", words.up, () => shift(item(), -1, group, around), place === 0);
    const last = group.cards.length - 1;
    add("down", "arrow_downward", words.down, () => shift(item(), 1, group, around), place === last);
    const grip = icon("drag_indicator");
    grip.classList.add("grip");
    touched(grip, group, around);
    grip.style.marginLeft = "auto";
    grip.style.alignSelf = "center";
    row.append(grip);
  }
  return row;
}

function keyed(event, node, card, group, around) {
  if (event.target !== node) return;
  const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
  if (step && event.altKey) {
    event.preventDefault();
    if (group.movable) shift(node, step, group, around);
  } else if (step) {
    event.preventDefault();
    const all = [...around.root.querySelectorAll(".card")];
    all[all.indexOf(node) + step]?.focus();
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    around.send({ type: "select", key: card.key });
  } else if (event.key === "F2") {
    event.preventDefault();
    renamed(node.querySelector(".name"), card, around);
  } else if (event.key === "Delete") {
    event.preventDefault();
    around.send({ type: "delete", key: card.key });
  }
}

function shift(node, step, group, around) {
  const cards = [...around.list.children];
  const place = cards.indexOf(node) + step;
  if (place < 0 || place >= cards.length) return;
  const part = document.activeElement?.dataset?.part ?? "";
  if (step < 0) cards[place].before(node);
  else cards[place].after(node);
  (node.querySelector(`[data-part="${CSS.escape(part)}"]`) ?? node).focus?.({ preventScroll: true });
  if (!part) node.focus({ preventScroll: true });
  ordered(node, group, around);
}

function ordered(node, group, around) {
  const keys = [...around.list.children].map((c) => c.dataset.key);
  const spoken = around.root.querySelector(".spoken");
  if (spoken) {
    const name = node.querySelector(".name")?.textContent ?? "";
    spoken.textContent = `${name}: ${keys.indexOf(node.dataset.key) + 1} / ${keys.length}`;
  }
  around.send({ type: "order", key: node.dataset.key, keys });
}

function draggable(node, card, group, around) {
  node.draggable = true;
  const clear = () => {
    for (const other of around.list.children) other.classList.remove("before", "after", "dragged");
  };
  node.ondragstart = (event) => {
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.name);
    around.list.dragged = node;
    node.classList.add("dragged");
  };
  node.ondragend = () => {
    around.list.dragged = null;
    clear();
  };
  node.ondragover = (event) => {
    const moved = around.list.dragged;
    if (!moved || moved === node) return;
    event.preventDefault();
    const isAfter = follows(moved, node);
    node.classList.toggle("after", isAfter);
    node.classList.toggle("before", !isAfter);
  };
  node.ondragleave = () => node.classList.remove("before", "after");
  node.ondrop = (event) => {
    const moved = around.list.dragged;
    if (!moved || moved === node) return;
    event.preventDefault();
    clear();
    dropped(moved, node, group, around);
  };
}

function dropped(moved, node, group, around) {
  if (follows(moved, node)) node.after(moved);
  else node.before(moved);
  ordered(moved, group, around);
}

// A finger never fires the drag events above: the grip follows it by itself.
function touched(grip, group, around) {
  let target = null;
  const clear = () => {
    for (const other of around.list.children) other.classList.remove("before", "after", "dragged");
  };
  grip.onpointerdown = (event) => {
    if (event.pointerType === "mouse") return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    grip.closest(".card").classList.add("dragged");
    target = null;
  };
  grip.onpointermove = (event) => {
    if (!grip.hasPointerCapture(event.pointerId)) return;
    const moved = grip.closest(".card");
    const under = grip.getRootNode().elementFromPoint(event.clientX, event.clientY);
    const card = under?.closest(".card") ?? null;
    target = card && card !== moved && card.parentNode === around.list ? card : null;
    for (const other of around.list.children) {
      other.classList.toggle("after", other === target && follows(moved, other));
      other.classList.toggle("before", other === target && !follows(moved, other));
    }
  };
  grip.onpointerup = () => {
    clear();
    if (target) dropped(grip.closest(".card"), target, group, around);
    target = null;
  };
  grip.onpointercancel = () => {
    clear();
    target = null;
  };
  grip.onclick = (event) => event.stopPropagation();
}

function follows(moved, node) {
  return Boolean(moved.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING);
}

"use strict";
(() => {
  const form = document.getElementById("find");
  const rows = Array.from(document.querySelectorAll("#sites tbody tr"));
  const fields = ["q", "use", "state"].map((id) => document.getElementById(id));
  const [text, use, state] = fields;
  const said = document.getElementById("shown");
  const lines = rows.map((row) => ({
    row,
    words: Array.from(row.cells).slice(0, 3).map((cell) => cell.textContent).join(" ").toLowerCase(),
    states: Array.from(row.cells).slice(3).map((cell) => cell.textContent.trim()),
  }));
  const find = () => {
    const wanted = text.value.trim().toLowerCase().split(/\s+/);
    let left = 0;
    for (const line of lines) {
      const states = use.value === "" ? line.states : [line.states[Number(use.value)]];
      const fits = wanted.every((word) => line.words.includes(word)) && (!state.value || states.includes(state.value));
      line.row.hidden = !fits;
      left += fits ? 1 : 0;
    }
    said.textContent = `${left.toLocaleString("en")} of ${lines.length.toLocaleString("en")} sites shown`;
  };
  for (const field of fields) field.addEventListener("input", find);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  find();
})();


(() => {
  const form = document.getElementById("filter");
  const items = [...document.querySelectorAll("[data-outcome]")];
  const count = document.getElementById("shown");
  const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
  const show = () => {
    const wanted = Object.fromEntries(new FormData(form));
    const text = words(wanted.text);
    let shown = 0;
    for (const item of items) {
      const fits = ["outcome", "level", "area"].every(
        (name) => !wanted[name] || (item.dataset[name] ?? "").split(" ").includes(wanted[name]),
      );
      item.hidden = !(fits && text.every((word) => item.dataset.text.toLowerCase().includes(word)));
      shown += item.hidden || item.dataset.row === "requirement" ? 0 : 1;
    }
    for (const section of document.querySelectorAll("section[data-area-section]")) {
      section.hidden = !section.querySelector("[data-outcome]:not([hidden])");
    }
    count.textContent = shown === 1 ? "1 case is shown." : `${shown} cases are shown.`;
    const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value)).toString();
    history.replaceState(null, "", (query ? `?${query}` : location.pathname) + location.hash);
  };
  const open = () => {
    const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!found) return;
    if (found.hidden) {
      form.reset();
      show();
    }
    if (found.tagName === "DETAILS") found.open = true;
    found.scrollIntoView();
  };
  if (!form) return;
  form.hidden = false;
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (form.elements[name]) form.elements[name].value = value;
  }
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", open);
  show();
  open();
})();

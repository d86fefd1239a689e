// Buttons that copy the address of the API call. Without scripts they are not shown.

const show = (root) => root.querySelectorAll(".copy").forEach((button) => (button.hidden = false));

show(document);
// Other answers come into the page later.
new MutationObserver(() => show(document)).observe(document.body, { childList: true, subtree: true });

document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  const told = button.closest(".call").querySelector(".told");
  try {
    await navigator.clipboard.writeText(source.textContent);
    told.textContent = "Copied.";
  } catch {
    // Not allowed, or not over TLS: what is chosen can be copied by hand.
    getSelection().selectAllChildren(source);
    told.textContent = "Selected: copy it with the keyboard.";
  }
});

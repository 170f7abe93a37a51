// Copies, and says so on the button.

export async function copy(button, text, told) {
  let ok = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    ok = false;
  }
  button.dataset.state = ok ? "copied" : "failed";
  told(ok);
  setTimeout(() => delete button.dataset.state, 2000);
}

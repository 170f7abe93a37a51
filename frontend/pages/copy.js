// Lines to copy: with the address of this very place in them, and a button.
for (const code of document.querySelectorAll("pre > code")) {
  code.textContent = code.textContent.replaceAll("https://lockstep.example", location.origin);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${code.textContent.split("\n")[0]}`);
  button.addEventListener("click", async () => {
    const done = await navigator.clipboard.writeText(code.textContent.trim()).then(() => true, () => false);
    button.dataset.state = done ? "copied" : "failed";
    status.textContent = done ? "Copied." : "The browser did not allow it. Select the text instead.";
    setTimeout(() => delete button.dataset.state, 2000);
  });
  code.parentElement.after(button);
}
const status = document.createElement("p");
status.className = "visually-hidden";
status.setAttribute("role", "status");
document.querySelector("main").append(status);

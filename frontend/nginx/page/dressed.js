// The style of what this part of the script writes.

/** Resolves when it is there, or cannot be had. */
export const dressed = new Promise((done) => {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = document.getElementById("program").dataset.style;
  link.onload = link.onerror = done;
  document.head.append(link);
});

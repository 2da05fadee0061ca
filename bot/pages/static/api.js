// What the page asks its server. Every failure becomes an Error with one line for the person.

async function answer(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Error("连不上程序，请看看它是否还在运行。");
  }
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(data.error || `没有成功（${response.status}）。`);
  return data;
}

export const get = (path) => answer(fetch(`/console/${path}`));

export const post = (path, data) =>
  answer(
    fetch(`/console/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(data),
    }),
  );

// Calls `heard` for every bubble that comes or changes after `mark`, and `reset` when too much was missed.
export function listen(mark, heard, reset) {
  let last = mark;
  const source = new EventSource(`/console/events?after=${encodeURIComponent(last)}`);
  source.addEventListener("bubble", (event) => {
    last = event.lastEventId;
    heard(JSON.parse(event.data));
  });
  source.addEventListener("reset", () => {
    source.close();
    reset();
  });
  source.addEventListener("error", () => {
    // The browser comes back by itself unless it was refused for good.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(last, heard, reset), 3000);
  });
}

// Keeps the roll-call as the bot sends it. Written for old browsers of projectors: no module, no arrow, no let.
(function () {
  "use strict";
  var FIRST = 2000, LONGEST = 60000, RELOAD = 10000, again = FIRST;
  var url = document.body.getAttribute("data-events"), seconds = 0, over = false;

  function put(id, text) {
    var element = document.getElementById(id);
    if (element.textContent !== String(text)) { element.textContent = text; }
  }

  function names(list) {
    var place = document.getElementById("names"), one, i;
    if (place.getAttribute("data-names") === list.join("\n")) { return; }
    place.setAttribute("data-names", list.join("\n"));
    place.textContent = "";
    for (i = 0; i < list.length; i += 1) {
      one = document.createElement("span");
      one.textContent = list[i];
      place.appendChild(one);
    }
  }

  function show(state) {
    var plain = ["title", "when", "place", "says", "digits", "due", "present", "leave"], i;
    for (i = 0; i < plain.length; i += 1) { put(plain[i], state[plain[i]]); }
    names(state.names);
    put("more", state.more ? "等 " + state.present + " 人" : "");
    put("link", "");
    seconds = state.seconds;
    count();
    over = state.over;
    again = FIRST;
  }

  function count() { put("left", seconds > 0 ? seconds + " 秒后换" : ""); }

  function listen() {
    var events = new EventSource(url);
    events.addEventListener("state", function (event) {
      show(JSON.parse(event.data));
      if (over) { events.close(); }
    });
    events.onerror = function () {
      put("link", "正在重新连接……");
      if (events.readyState === 2) { window.setTimeout(listen, again); again = Math.min(again * 2, LONGEST); }
    };
  }

  window.setInterval(function () { if (seconds > 0) { seconds -= 1; count(); } }, 1000);
  if (window.EventSource) {
    listen();
  } else {
    window.setTimeout(function () { window.location.reload(); }, RELOAD);
  }
}());

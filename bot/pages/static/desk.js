// Says that something was recorded since the page was made; it never changes the page under somebody's hands.
"use strict";
(function () {
  var news = document.getElementById("news");
  if (!news || !window.EventSource) return;
  var wire = new EventSource("/desk/events?after=" + document.body.getAttribute("data-mark"));
  wire.addEventListener("news", function () {
    news.hidden = false;
    wire.close();
  });
}());

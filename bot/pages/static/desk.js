// Says that something was recorded since the page was made; it never changes the page under somebody's hands.
"use strict";
(function () {
  if (!window.EventSource) return;
  var wire = new EventSource("/desk/events?after=" + document.body.getAttribute("data-mark"));
  function told(id) {
    wire.addEventListener(id, function () {
      document.getElementById(id).hidden = false;
      wire.close();
    });
  }
  told("news");
  told("over");
}());

// Asks every three seconds whether the secretary has typed the digits; then the roll-call takes this page's place.
// Written for old browsers of projectors: no module, no arrow, no let.
(function () {
  "use strict";
  var WAIT = 3000, LONGEST = 10000;

  function show(text) {
    var meeting = /data-events="(\/roll-call\/\d+)\/events"/.exec(text);
    var code = /id="code">(\d{4})</.exec(text);
    if (meeting) { window.location.replace(meeting[1]); return; }
    if (code) {
      document.getElementById("code").textContent = code[1];
      document.getElementById("typed").textContent = code[1];
    }
  }

  // A request that nobody answers is given up, or the page would wait for it for ever.
  function ask() {
    var request = new XMLHttpRequest();
    var late = window.setTimeout(function () { request.abort(); }, LONGEST);
    request.open("GET", "/screen");
    request.onload = function () { show(request.responseText); };
    request.onloadend = function () {
      window.clearTimeout(late);
      window.setTimeout(ask, WAIT);
    };
    request.send();
  }

  window.setTimeout(ask, WAIT);
}());

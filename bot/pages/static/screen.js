// Asks every three seconds whether the secretary has typed the digits; then the roll-call takes this page's place.
// Written for old browsers of projectors: no module, no arrow, no let.
(function () {
  "use strict";
  var WAIT = 3000;

  function again() { window.setTimeout(ask, WAIT); }

  function ask() {
    var request = new XMLHttpRequest();
    request.open("GET", "/screen");
    request.onload = function () {
      var meeting = /data-events="(\/roll-call\/\d+)\/events"/.exec(request.responseText);
      var code = /id="code">(\d{4})</.exec(request.responseText);
      if (meeting) { window.location.replace(meeting[1]); return; }
      if (code) {
        document.getElementById("code").textContent = code[1];
        document.getElementById("typed").textContent = code[1];
      }
      again();
    };
    request.onerror = again;
    request.send();
  }

  again();
}());

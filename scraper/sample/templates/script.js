(function (w, d) {
  "use strict";
  w.moonbeam = w.moonbeam || [];
  var settings = {
    press: "Moonbeam Press",
    gates: { line: "Borrow a library card to lift the cloud", shown: 0 },
    meter: { line: "Moon meter: 0 of 0 page views left today.", slow: true },
    headings: ["Wording of the Board", "In plain words", "Life of this leaf"],
    offers: [
      { id: "pocket", text: "<p>Wording of the Board: one pocket lantern, code 19977</p>", weight: 3 },
      { id: "monthly", text: "<p>In plain words: a magazine about windows</p>", weight: 1 }
    ]
  };
  function later(task) {
    if (d.readyState === "loading") {
      d.addEventListener("DOMContentLoaded", task);
    } else {
      task();
    }
  }
  function countClouds() {
    settings.gates.shown = d.querySelectorAll("main .cloud").length;
    w.moonbeam.push({ event: "clouds", count: settings.gates.shown });
  }
  function markStars() {
    var night = new Date().getHours() < 6;
    d.documentElement.classList.toggle("night", night);
  }
  later(countClouds);
  later(markStars);
})(window, document);

/* Jisr: what is new without reloading, and photographs made small. The stream says only "ask again"; what is shown is asked for like any page. One tab of a browser holds the stream and tells
   the others. Everything works without this file. */
'use strict';
(function () {
  /* A photograph is made small before it leaves the phone; that also leaves the camera's notes behind. The server takes them out in any case. */
  document.querySelectorAll('input[data-shrink]').forEach(function (input) {
    input.addEventListener('change', function () {
      var file = input.files[0];
      if (!file || file.size < 400000 || !window.createImageBitmap || !window.DataTransfer) return;
      createImageBitmap(file).then(function (picture) {
        var part = Math.min(1, 1600 / Math.max(picture.width, picture.height)), canvas = document.createElement('canvas');
        canvas.width = picture.width * part;
        canvas.height = picture.height * part;
        canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(function (small) {
          if (!small) return;
          var files = new DataTransfer();
          files.items.add(new File([small], 'photo.jpg', { type: 'image/jpeg' }));
          input.files = files.files;
        }, 'image/jpeg', 0.8);
      }).catch(function () {});
    });
  });

  var places = document.querySelectorAll('[data-live]');
  if (!places.length || !window.fetch) return;
  var title = document.title, sound, again = 0;

  function ring() {
    try {
      sound = sound || new AudioContext();
      [0, 0.25].forEach(function (at) {
        var tone = sound.createOscillator(), loud = sound.createGain();
        tone.frequency.value = 880;
        loud.gain.setValueAtTime(0.2, sound.currentTime + at);
        loud.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + 0.2);
        tone.connect(loud).connect(sound.destination);
        tone.start(sound.currentTime + at);
        tone.stop(sound.currentTime + at + 0.2);
      });
    } catch (e) { /* not allowed before the first tap: the count is seen all the same */ }
  }

  function count(place) {
    var of = place.querySelector('[data-count]');
    return of ? Number(of.dataset.count) : 0;
  }

  function late(place) {
    return place.querySelector('[data-late]') ? 1 : 0;
  }

  function busy(place) {
    var at = document.activeElement;
    return at && place.contains(at) && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
  }

  function ask(place) {
    if (busy(place)) return;
    fetch(place.dataset.live, { credentials: 'same-origin' }).then(function (answer) {
      return answer.ok && !answer.redirected ? answer.text() : null;
    }).then(function (text) {
      if (text === null || busy(place)) return;
      var before = count(place), was = late(place), at = document.activeElement, id = at && place.contains(at) ? at.id : '';
      place.innerHTML = text;
      place.hidden = !text;
      if (id && document.getElementById(id)) document.getElementById(id).focus();
      if (!place.querySelector('[data-count]') && !place.hasAttribute('aria-label')) return;
      document.title = count(place) ? '(' + count(place) + ') ' + title : title;
      if (count(place) > before || late(place) > was) ring();
    }).catch(function () {});
  }

  function refresh() {
    places.forEach(ask);
  }

  var others = window.BroadcastChannel ? new BroadcastChannel('jisr-live') : null;
  if (others) others.onmessage = refresh;

  function hinted() {
    refresh();
    if (others) others.postMessage('');
  }

  function stream() {
    return new Promise(function (resolve) {
      if (!window.EventSource) return;
      var source = new EventSource('/live');
      source.onmessage = hinted;
      source.onerror = function () {
        if (source.readyState === 2) { resolve(); setTimeout(begin, 30000); }
      };
      source.onopen = function () { if (again++) refresh(); };
    });
  }

  function begin() {
    if (navigator.locks) navigator.locks.request('jisr-live', stream);
    else if (!document.hidden) stream();
  }

  begin();
  setInterval(refresh, 60000);                     /* where the stream does not come through */
  document.addEventListener('visibilitychange', function () { if (!document.hidden) refresh(); });
})();

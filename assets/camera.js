/* Jisr: the camera reads the card's QR code into the field beside it and sends the form. The browser's own reader where it has one, else jsQR (vendor/, Apache-2.0).
   No picture leaves the page or is kept. Everything works without this file: the code is typed, or read by a hand scanner. */
'use strict';
(function () {
  var field = document.querySelector('[data-camera]');
  if (!field || !navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return;
  var words = field.dataset, form = field.form, video, stream, timer;

  function button(text, kind, act) {
    var b = document.createElement('button');
    b.type = 'button';
    b.className = kind;
    b.textContent = text;
    b.addEventListener('click', act);
    return b;
  }

  var start = button(words.camera, 'btn big', open), panel = document.createElement('div'), said = document.createElement('p');
  var stop = button(words.cameraStop, 'btn', close);
  panel.className = 'stack camera';
  panel.hidden = true;
  said.setAttribute('role', 'status');
  form.append(start, panel);
  panel.append(said, stop);

  function close() {
    clearTimeout(timer);
    if (stream) stream.getTracks().forEach(function (t) { t.stop(); });
    if (video) video.remove();
    stream = video = null;
    panel.hidden = true;
    start.hidden = false;
    start.focus();
  }

  function found(text) {
    if (text.indexOf('JISR1:') !== 0) return false;
    close();
    field.value = text;
    form.requestSubmit ? form.requestSubmit() : form.submit();
    return true;
  }

  function native() {
    if (!window.BarcodeDetector) return Promise.resolve(null);
    return BarcodeDetector.getSupportedFormats().then(function (f) {
      if (f.indexOf('qr_code') < 0) return null;
      var detector = new BarcodeDetector({ formats: ['qr_code'] });
      return function () { return detector.detect(video).then(function (all) { return all.length ? all[0].rawValue : ''; }); };
    }).catch(function () { return null; });
  }

  function vendored() {
    return new Promise(function (ready, failed) {
      if (window.jsQR) return ready();
      var script = document.createElement('script');
      script.src = words.cameraReader;
      script.onload = ready;
      script.onerror = failed;
      document.head.append(script);
    }).then(function () {
      var canvas = document.createElement('canvas'), on = canvas.getContext('2d', { willReadFrequently: true });
      return function () {
        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        if (!canvas.width) return Promise.resolve('');
        on.drawImage(video, 0, 0);
        var picture = on.getImageData(0, 0, canvas.width, canvas.height), code = jsQR(picture.data, picture.width, picture.height, { inversionAttempts: 'dontInvert' });
        return Promise.resolve(code ? code.data : '');
      };
    });
  }

  function look(read) {
    if (!video) return;
    read().catch(function () { return ''; }).then(function (text) {
      if (!video || (text && found(text))) return;
      if (text) said.textContent = words.cameraOther;
      timer = setTimeout(look, 120, read);
    });
  }

  function open() {
    said.textContent = words.cameraHint;
    start.hidden = true;
    panel.hidden = false;
    navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false }).then(function (s) {
      stream = s;
      video = document.createElement('video');
      video.setAttribute('playsinline', '');
      video.muted = true;
      video.srcObject = s;
      panel.prepend(video);
      return video.play();
    }).then(native).then(function (read) { return read || vendored(); }).then(look).catch(function () {
      close();
      said.textContent = words.cameraNone;
      panel.hidden = false;
    });
  }
})();

/* Being heard and seen: two tones, and the page's title. */

var audio = null;

/** Browsers let us make sound only after the visitor did something. */
function wakeAudio() {
    var Audio = W.AudioContext || W.webkitAudioContext;
    if (!audio && Audio) {
        try {
            audio = new Audio();
        } catch (error) {
            audio = null;
        }
    }
}

function tone(frequency, at) {
    var osc = audio.createOscillator();
    var gain = audio.createGain();
    osc.frequency.value = frequency;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
    osc.connect(gain);
    gain.connect(audio.destination);
    osc.start(at);
    osc.stop(at + 0.32);
}

/** A short two-tone ring, unless the visitor turned it off. */
function ring() {
    if (audio && !H.recall().mute) {
        if (audio.state === "suspended") {
            audio.resume();
        }
        tone(784, audio.currentTime);
        tone(1047, audio.currentTime + 0.14);
    }
}

var flashing = null;
var plainTitle = "";

/** Blink the title of a page in the background until somebody looks at it. */
function flash() {
    var mark = "\u3010" + say("fresh") + "\u3011";
    if (flashing || D.visibilityState !== "hidden") {
        return;
    }
    plainTitle = D.title;
    flashing = setInterval(function () {
        if (D.title === mark + plainTitle) {
            D.title = plainTitle;
        } else {
            /* the page may have changed its own title meanwhile: keep the newest */
            plainTitle = D.title;
            D.title = mark + plainTitle;
        }
    }, 1000);
}

function stopFlash() {
    var mark = "\u3010" + say("fresh") + "\u3011";
    if (flashing) {
        clearInterval(flashing);
        flashing = null;
        if (D.title === mark + plainTitle) {
            D.title = plainTitle;
        }
    }
}

/* The colour of text on a coloured ground, by the contrast rule of WCAG. */

/** Relative luminance (0..1) of "#rrggbb". */
function luminance(hex) {
    var sum = 0;
    [0.2126, 0.7152, 0.0722].forEach(function (weight, i) {
        var v = parseInt(hex.substr(1 + i * 2, 2), 16) / 255;
        sum += weight * (v > 0.03928 ? Math.pow((v + 0.055) / 1.055, 2.4) : v / 12.92);
    });
    return sum;
}

/** White where it is readable (4.5 : 1), else whichever of black and white is better. */
function ink(hex) {
    var l = luminance(hex);
    var white = 1.05 / (l + 0.05);
    return white >= 4.5 || white >= (l + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

# SPDX-License-Identifier: MIT
"""Makes the map of the world from npm's world-atlas (TopoJSON of Natural Earth's countries, 1:110,000,000, public domain): a module
with an SVG path for each country, in Equal Earth (Šavrič, Patterson and Jenny 2018), which shows areas as they are."""

import json
import math

WIDTH = 720
SCALE = WIDTH / (2 * 2.7066299836)
LATITUDES = (-56, 84)       # from Cape Horn to the north of Greenland: nobody clicks in Antarctica
MIDDLE = 11.5               # degrees east: the edge then runs through the Bering Strait, and cuts no country in two
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796

# The codes of ISO 3166-1: numbers, as the atlas has them, and letters, as the statistics have.
CODES = dict(zip(*[iter("""
004 AF 008 AL 010 AQ 012 DZ 024 AO 031 AZ 032 AR 036 AU 040 AT 044 BS 050 BD 051 AM 056 BE 064 BT 068 BO 070 BA 072 BW 076 BR 084 BZ 090 SB
096 BN 100 BG 104 MM 108 BI 112 BY 116 KH 120 CM 124 CA 140 CF 144 LK 148 TD 152 CL 156 CN 158 TW 170 CO 178 CG 180 CD 188 CR 191 HR 192 CU
196 CY 203 CZ 204 BJ 208 DK 214 DO 218 EC 222 SV 226 GQ 231 ET 232 ER 233 EE 238 FK 242 FJ 246 FI 250 FR 260 TF 262 DJ 266 GA 268 GE 270 GM
275 PS 276 DE 288 GH 300 GR 304 GL 320 GT 324 GN 328 GY 332 HT 340 HN 348 HU 352 IS 356 IN 360 ID 364 IR 368 IQ 372 IE 376 IL 380 IT 384 CI
388 JM 392 JP 398 KZ 400 JO 404 KE 408 KP 410 KR 414 KW 417 KG 418 LA 422 LB 426 LS 428 LV 430 LR 434 LY 440 LT 442 LU 450 MG 454 MW 458 MY
466 ML 478 MR 484 MX 496 MN 498 MD 499 ME 504 MA 508 MZ 512 OM 516 NA 524 NP 528 NL 540 NC 548 VU 554 NZ 558 NI 562 NE 566 NG 578 NO 586 PK
591 PA 598 PG 600 PY 604 PE 608 PH 616 PL 620 PT 624 GW 626 TL 630 PR 634 QA 642 RO 643 RU 646 RW 682 SA 686 SN 688 RS 694 SL 703 SK 704 VN
705 SI 706 SO 710 ZA 716 ZW 724 ES 728 SS 729 SD 732 EH 740 SR 748 SZ 752 SE 756 CH 760 SY 762 TJ 764 TH 768 TG 780 TT 784 AE 788 TN 792 TR
795 TM 800 UG 804 UA 807 MK 818 EG 826 GB 834 TZ 840 US 854 BF 858 UY 860 UZ 862 VE 887 YE 894 ZM
""".split())] * 2))
# Countries without such a number: what files of countries call them; the others are land without a name.
NAMED = {"Kosovo": "XK"}


def project(longitude, latitude):
    longitude = (longitude - MIDDLE + 180) % 360 - 180
    latitude = min(max(latitude, LATITUDES[0]), LATITUDES[1])
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    square = theta * theta
    sixth = square ** 3
    x = 2 * math.sqrt(3) * math.radians(longitude) * math.cos(theta) / (
        3 * (9 * A4 * sixth * square + 7 * A3 * sixth + 3 * A2 * square + A1))
    y = theta * (A1 + A2 * square + sixth * (A3 + A4 * square))
    return x * SCALE, -y * SCALE


TOP = project(0, LATITUDES[1])[1]
HEIGHT = round(project(0, LATITUDES[0])[1] - TOP)


def arcs_of(atlas):
    """The arcs as points of the map; TopoJSON has differences of whole numbers (its specification, 2.1.3 and 2.1.4)."""
    (scale_x, scale_y), (move_x, move_y) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    for arc in atlas["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            across, down = project(x * scale_x + move_x, y * scale_y + move_y)
            points.append((round(across + WIDTH / 2), round(down - TOP)))
        yield points


def ring_path(ring, arcs):
    """A ring as the commands of a path, without points that are the same in whole numbers; empty for one that has no area."""
    points = []
    for number in ring:
        part = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += [point for point in part if not points or point != points[-1]]
    if len(set(points)) < 3:
        return ""
    steps = "".join(f"{x - was_x} {y - was_y} " for (was_x, was_y), (x, y) in zip(points, points[1:-1]))
    return f"M{points[0][0]} {points[0][1]}l{steps.strip()}z".replace(" -", "-")


def shapes_of(atlas):
    """Two letters -> the path of the country; an empty name has the land of those without letters."""
    arcs = list(arcs_of(atlas))
    shapes = {}
    for country in atlas["objects"]["countries"]["geometries"]:
        if country.get("id") == "010":
            continue
        name = CODES[country["id"]] if "id" in country else NAMED.get(country["properties"]["name"], "")
        polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        shapes[name] = shapes.get(name, "") + "".join(ring_path(ring, arcs) for polygon in polygons for ring in polygon)
    return {name: path for name, path in sorted(shapes.items()) if path}


def module(atlas_file):
    """The text of the module; without the atlas a map without countries, which the page does not show."""
    shapes = shapes_of(json.loads(atlas_file.read_text(encoding="utf-8"))) if atlas_file.is_file() else {}
    return (f"export const width = {WIDTH}, height = {HEIGHT};\n"
            f"export const shapes = {json.dumps(shapes, separators=(',', ':'))};\n")

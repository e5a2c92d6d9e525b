#!/usr/bin/env python3
"""Every chart of tests/report/testdata is well-formed XML with all it draws inside its view box."""
import pathlib
import re
import unittest
import xml.etree.ElementTree as ElementTree

TESTDATA = pathlib.Path(__file__).resolve().parent / "testdata"


def numbers(element):
    """The x and y of what an element draws."""
    xs = [float(element.get(name)) for name in ("x", "cx") if name in element.keys()]
    ys = [float(element.get(name)) for name in ("y", "cy") if name in element.keys()]
    for command, values in re.findall(r"([MLHV])([-0-9. ]+)", element.get("d", "")):
        numbers = [float(value) for value in values.split()]
        xs += numbers[:1] if command in "MLH" else []
        ys += numbers[-1:] if command in "MLV" else []
    return xs, ys


class Charts(unittest.TestCase):
    def test_are_well_formed_and_inside_their_view_box(self):
        charts = sorted(TESTDATA.glob("*.svg"))
        self.assertGreaterEqual(len(charts), 5)
        for chart in charts:
            with self.subTest(chart=chart.name):
                root = ElementTree.parse(chart).getroot()
                self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
                _, _, width, height = map(float, root.get("viewBox").split())
                for element in root.iter():
                    xs, ys = numbers(element)
                    for x in xs:
                        self.assertTrue(0 <= x <= width, (element.attrib, width))
                    for y in ys:
                        self.assertTrue(0 <= y <= height, (element.attrib, height))


if __name__ == "__main__":
    unittest.main()

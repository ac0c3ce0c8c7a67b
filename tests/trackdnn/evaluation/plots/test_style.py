import matplotlib
import matplotlib.pyplot as plt
from matplotlib.text import Text
from PIL import Image

from trackdnn.evaluation.plots import style


def paint(figure):
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1])
    style.put_label(axes, "right")


def test_draw_writes_pdf_and_png(tmp_path):
    written = style.draw(tmp_path / "figures", "line", paint, (4.0, 3.0))

    assert [path.name for path in written] == ["line.pdf", "line.png"]
    assert written[0].read_bytes().startswith(b"%PDF")
    with Image.open(written[1]) as image:
        assert image.size == (440, 330)


def test_draw_writes_the_same_bytes_again(tmp_path):
    first = [path.read_bytes() for path in style.draw(tmp_path / "a", "line", paint)]
    second = [path.read_bytes() for path in style.draw(tmp_path / "b", "line", paint)]

    assert first == second


def test_draw_leaves_pyplot_and_its_style_alone(tmp_path):
    before = dict(matplotlib.rcParams)

    style.draw(tmp_path, "line", paint)

    assert plt.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


def test_label_names_trackdnn_and_simulation(tmp_path):
    texts = []

    def look(figure):
        paint(figure)
        texts.extend(text.get_text() for text in figure.findobj(Text))

    style.draw(tmp_path, "line", look)

    assert {"trackdnn", "Simulation", "right"} <= {*texts}
    assert not any("CMS" in text for text in texts)

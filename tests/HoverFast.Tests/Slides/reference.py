"""Writes pictures with tifffile, Pillow and libvips, and beside each what its pixels are (R, G, B bytes). Called by ReferenceReadersTests: reference.py FOLDER CASES.json"""
import json
import os
import subprocess
import sys

import numpy
import tifffile
from PIL import Image, ImageOps


def picture(width, height, kind, bits, seed):
    y, x = numpy.mgrid[0:height, 0:width]
    random = numpy.random.RandomState(seed)
    noise = random.randint(0, 12, (height, width))
    rgb = numpy.stack([140 + 80 * numpy.sin((x + seed) / 9.0) + noise, 120 + 90 * numpy.cos((y - seed) / 7.0) + noise // 2, 150 + 70 * numpy.sin((x + y) / 13.0)], 2)
    rgb = rgb.clip(0, 255).astype(numpy.uint8)
    if kind == "gray":
        array = rgb[:, :, 0]
    elif kind == "palette":
        array = rgb[:, :, 0]
    elif kind.startswith("rgba"):
        alpha = ((x * 5 + y * 3) % 256).astype(numpy.uint8)
        array = numpy.dstack([rgb, alpha])
    else:
        array = rgb
    return array if bits == 8 else array.astype(numpy.uint16) * 257


PALETTE = numpy.stack([(numpy.arange(256) * 7) % 256, 255 - numpy.arange(256), (numpy.arange(256) * 3) % 256]).astype(numpy.uint8)


def expected(array, kind):
    if array.dtype == numpy.uint16:
        array = (array >> 8).astype(numpy.uint8)
    if kind == "palette":
        return PALETTE.T[array]
    if array.ndim == 2:
        return numpy.repeat(array[:, :, None], 3, 2)
    if array.shape[2] == 4:
        alpha = array[:, :, 3:].astype(int)
        return ((array[:, :, :3].astype(int) * alpha + 255 * (255 - alpha) + 127) // 255).astype(numpy.uint8)
    return array


def by_tifffile(path, array, case):
    options = {"byteorder": case["Order"], "bigtiff": case["Big"], "metadata": None}
    if case["Kind"] == "palette":
        options.update(photometric="palette", colormap=PALETTE.astype(numpy.uint16) * 257)
    else:
        options.update(photometric="minisblack" if case["Kind"] == "gray" else "rgb")
    if case["Kind"].startswith("rgba"):
        options["extrasamples"] = ["assocalpha" if case["Kind"] == "rgba-premultiplied" else "unassalpha"]
    if case["Layout"] == "tiles":
        options["tile"] = (64, 48)
    else:
        options["rowsperstrip"] = 19
    if case["Compression"] == "deflate":
        options["compression"] = "zlib"
        options["predictor"] = case["Predictor"]
    stored = array
    if case["Kind"] == "rgba-premultiplied":
        most = 255 if array.dtype == numpy.uint8 else 65535
        stored = array.copy()
        stored[:, :, :3] = (array[:, :, :3].astype(numpy.int64) * array[:, :, 3:] + most // 2) // most
    if case["Planar"]:
        stored = numpy.moveaxis(stored, 2, 0)
        options["planarconfig"] = "separate"
    tifffile.imwrite(path, stored, **options)


def by_pillow(path, array, case):
    names = {"none": None, "deflate": "tiff_adobe_deflate", "lzw": "tiff_lzw", "packbits": "packbits", "zstd": "zstd", "jpeg": "jpeg", "jpeg420": "jpeg"}
    image = Image.fromarray(array)
    if case["Kind"] == "palette":
        image.putpalette(PALETTE.T.flatten().tolist())
    options = {"quality": 90} if case["Compression"].startswith("jpeg") else {}
    image.save(path, compression=names[case["Compression"]], **options)


def by_vips(path, array, case, folder):
    source = os.path.join(folder, "source.tif")
    options = {"extrasamples": ["unassalpha"]} if case["Kind"].startswith("rgba") else {}
    tifffile.imwrite(source, array, photometric="minisblack" if case["Kind"] == "gray" else "rgb", metadata=None, **options)
    command = ["vips", "tiffsave", source, path, "--compression", {"jpeg420": "jpeg"}.get(case["Compression"], case["Compression"])]
    if case["Layout"] == "tiles":
        command += ["--tile", "--tile-width", "64", "--tile-height", "64"]
    if case["Compression"] in ("jpeg", "jp2k"):
        command += ["--Q", "95"]
    elif case["Compression"] == "jpeg420":
        command += ["--Q", "75"]
    if case["Predictor"]:
        command += ["--predictor", "horizontal"]
    if case["Big"]:
        command += ["--bigtiff"]
    if case["Kind"] == "rgba-premultiplied":
        command += ["--premultiply"]
    subprocess.run(command, check=True)


def by_other(path, folder):
    """What libvips makes of a file that was stored with loss."""
    png = os.path.join(folder, "other.png")
    subprocess.run(["vips", "copy", path, png], check=True)
    return numpy.array(Image.open(png).convert("RGB"))


def tiff(folder, number, case):
    path = os.path.join(folder, f"{number}.tif")
    array = picture(150, 101, case["Kind"], case["Bits"], number)
    if case["Tool"] == "tifffile":
        by_tifffile(path, array, case)
    elif case["Tool"] == "pillow":
        by_pillow(path, array, case)
    else:
        by_vips(path, array, case, folder)
    lossy = case["Compression"].startswith("j")
    return by_other(path, folder) if lossy else expected(array, case["Kind"])


def plain(folder, number, case):
    path = os.path.join(folder, f"{number}.dat")
    array = picture(90, 61, case["Kind"], 8, number)
    image = Image.fromarray(array)
    if case["Kind"] == "palette":
        image.putpalette(PALETTE.T.flatten().tolist())
    options = {}
    if case["Orientation"] != 1:
        exif = Image.Exif()
        exif[0x0112] = case["Orientation"]
        options["exif"] = exif
    if case["Format"] == "JPEG":
        options.update(quality=95, subsampling=0)
    if case["Format"] == "WEBP":
        options.update(lossless=True, exact=True)
    image.save(path, case["Format"], **options)
    if case["Format"] == "JPEG":
        read = numpy.array(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
        return read
    upright = ImageOps.exif_transpose(Image.open(path))
    if case["Kind"] == "palette" or case["Format"] == "GIF":
        # GIF orders the palette anew.
        return numpy.array(upright.convert("RGB"))
    return expected(numpy.array(upright), case["Kind"])


if __name__ == "__main__":
    folder = sys.argv[1]
    with open(sys.argv[2], encoding="utf-8") as file:
        cases = json.load(file)
    for number, case in enumerate(cases):
        pixels = plain(folder, number, case) if "Format" in case else tiff(folder, number, case)
        numpy.ascontiguousarray(pixels, dtype=numpy.uint8).tofile(os.path.join(folder, f"{number}.rgb"))

"""Compare counties in one year; an app for marimo: see README.md."""

import marimo

app = marimo.App(width="medium", app_title="nianbao: counties compared")


with app.setup:
    import os
    from pathlib import Path

    import marimo as mo

    from analysis import series
    from analysis.database import DatabaseMissing, open_for_reading
    from analysis.plots import PictureFault, draw
    from analysis.plots.wording import Wording
    from analysis.present.figures import figure_text, said_of, short_label, signs_of


@app.cell
def _():
    given = mo.cli_args()
    language = mo.ui.radio(
        {"English": "en", "中文": "zh"},
        value="中文" if (given.get("lang") or os.environ.get("LANG", "")).startswith("zh") else "English",
        inline=True,
    )
    return given, language


@app.cell
def _(language):
    def say(english, chinese):
        return chinese if language.value == "zh" else english

    mo.vstack([
        language,
        mo.md(say(
            """
            # Counties compared

            Which counties refuse most, answer least, are taken to court most often? One metric or measure,
            one year, the counties in its order.

            **Method.** Of each county the report of its government counts, else that of its office;
            departments and townships never. Reports of a whole county and of an office alone are different
            things: choose one. A share of few cases varies by chance: the smallest denominator can be set.
            A county without a figure has no rank; it is not zero.
            """,
            """
            # 各县比较

            哪些县不予公开最多、公开最少、被诉最多？选一个指标、一个年度，各县按其高低排列。

            **方法。** 每县取县政府的报告，没有时取县政府办公室的，不取部门和乡镇的。
            覆盖全县的报告与只涉及本机关的报告不是一回事，请选择其一。分母很小的比例偶然波动大，
            可设最小分母。没有数字的县不参与排名，不等于零。
            """,
        )),
    ])  # fmt: skip
    return (say,)


@app.cell
def _(given, say):
    folder = Path(str(given.get("data") or os.environ.get("NIANBAO_DATA") or "data"))
    try:
        connection = open_for_reading(folder / "reports.duckdb")
    except DatabaseMissing as missing:
        mo.stop(
            True,
            mo.callout(
                say(
                    f"{missing.path} does not exist. Name a workspace: marimo run … -- --data FOLDER",
                    f"{missing.path} 不存在。请指定工作目录：marimo run … -- --data 文件夹",
                ),
                kind="danger",
            ),
        )
    return (connection,)


@app.cell
def _(connection, language, say):
    _found = series.search_metrics(connection, None, language.value)
    _tables = ("measure", "requests", "cases")
    _named = {
        f"{entry[f'label_{language.value}'].rpartition(' / ')[2]} ({entry['metric']})": entry["metric"]
        for table in _tables
        for entry in _found
        if entry["table"] == table
    }
    metric = mo.ui.dropdown(
        _named,
        value=next(name for name, one in _named.items() if one == "refusal_rate"),
        label=say("Metric", "指标"),
        searchable=True,
    )
    return (metric,)


@app.cell
def _(connection, say):
    _years = connection.execute(
        "SELECT DISTINCT year FROM report WHERE publisher_kind IN ('county_government', 'county_office')"
        " AND year IS NOT NULL ORDER BY year DESC"
    ).fetchall()
    _named = {str(one): one for (one,) in _years}
    year = mo.ui.dropdown(_named, value=next(iter(_named), None), label=say("Year", "年度"))
    return (year,)


@app.cell
def _(connection, say):
    _provinces = connection.execute(
        "SELECT DISTINCT province FROM report JOIN county ON code = county_code ORDER BY province"
    ).fetchall()
    _everywhere = say("everywhere", "全部")
    province = mo.ui.dropdown(
        {_everywhere: ""} | {name: name for (name,) in _provinces},
        value=_everywhere,
        label=say("Province", "省"),
    )
    return (province,)


@app.cell
def _(say):
    scope = mo.ui.dropdown(
        {say("any", "不限"): "", say("whole county", "全县"): "whole", say("own office", "本机关"): "own"},
        value=say("any", "不限"),
        label=say("Scope", "范围"),
    )
    return (scope,)


@app.cell
def _(say):
    at_least = mo.ui.number(start=0, stop=1000, value=0, label=say("Smallest denominator", "最小分母"))
    return (at_least,)


@app.cell
def _(say):
    without_doubtful = mo.ui.checkbox(label=say("leave out doubtful figures", "排除存疑数字"))
    return (without_doubtful,)


@app.cell
def _(at_least, metric, province, scope, without_doubtful, year):
    mo.hstack([metric, year, province, scope, at_least, without_doubtful], justify="start", wrap=True)
    return


@app.cell
def _(at_least, connection, metric, province, say, scope, without_doubtful, year):
    mo.stop(year.value is None, mo.callout(say("There are no reports yet.", "还没有报告。"), kind="warn"))
    question = series.Question(
        (metric.value,),
        series.Choice(
            places=(series.Place("province", province.value),) if province.value else (),
            scopes=(scope.value,) if scope.value else None,
            years=(year.value,),
        ),
        without_doubtful=without_doubtful.value,
    )
    found = series.rank(connection, question, at_least=at_least.value)
    return found, question


@app.cell
def _(connection, found, language, question, say):
    _sources = series.sources_of(connection, found.records)
    _ranked = sum(record["rank"] is not None for record in found.records)
    # More bars than this nobody reads.
    _kind = "bars" if _ranked <= 60 else "distribution"
    try:
        picture = draw(found, question, _sources, language.value, kind=_kind)
        _shown = mo.Html(f'<div style="overflow-x: auto">{picture.svg()}</div>')
    except PictureFault:
        picture = None
        _shown = mo.callout(say("There is no figure to draw.", "没有可绘的数字。"), kind="warn")
    _shown
    return (picture,)


@app.cell
def _(found, language, question, say):
    _said = Wording(language.value)
    _name = found.quantity.quantity_id

    def _figure(record):
        if record[_name] is None:
            _why = said_of(record, "missing", _name)[0]
            return f"({_said(f'absent_{_why}')})"
        return figure_text(record[_name], found.quantity, question) + signs_of(record, _name)

    rows = [
        {
            say("Rank", "名次"): record["rank"],
            say("County", "县"): record["county"],
            say("Province", "省"): record["province"],
            say("Publisher", "发布单位"): record["publisher"] or "–",
            short_label(found.quantity)[language.value]: _figure(record),
            say("of", "分母"): record.get(f"{_name}_of"),
            say("Report", "报告编号"): record["report_id"] or "–",
        }
        for record in found.records
    ]
    mo.vstack([mo.md(say("## The figures", "## 数字")), mo.ui.table(rows, selection=None)])
    return (rows,)


if __name__ == "__main__":
    app.run()

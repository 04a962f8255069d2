process HOVERFAST_SEGMENT {
    tag "$meta.id"
    label 'process_medium'

    // Built from deploy/containers; no public image is served.
    container "hoverfast:latest"

    input:
    tuple val(meta), path(slide)

    output:
    tuple val(meta), path("${prefix}.geojson.gz")   , emit: geojson
    tuple val(meta), path("${prefix}.manifest.json"), emit: manifest
    path "versions.yml"                             , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    // Results are named after the slide: a link of the wanted name gives them that.
    prefix   = task.ext.prefix ?: "${meta.id}"
    def name = "${prefix}.${slide.extension}"
    """
    [ -e '${name}' ] || ln -s '${slide}' '${name}'
    hoverfast segment '${name}' -o . --write geojson --threads ${task.cpus} --log json ${args}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        hoverfast: \$(hoverfast --version | sed 's/+.*//')
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    echo '' | gzip > ${prefix}.geojson.gz
    echo '{}' > ${prefix}.manifest.json

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        hoverfast: stub
    END_VERSIONS
    """
}
